// Names of the learners; English ones come with the data (learner_title in story.cc).
export const learners: Record<'en' | 'ru' | 'pt', Record<string, string>> = {
  en: {},
  ru: {
    naive: 'наивное правило',
    logistic: 'логистическая регрессия',
    tree: 'дерево решений',
    knn: 'k ближайших соседей',
    svm: 'метод опорных векторов',
    naive_bayes: 'наивный байесовский классификатор',
    random_forest: 'случайный лес',
    extra_trees: 'сверхслучайные деревья',
    boosted_trees: 'бустинг деревьев',
    neural_network: 'нейронная сеть',
  },
  pt: {
    naive: 'regra ingénua',
    logistic: 'regressão logística',
    tree: 'árvore de decisão',
    knn: 'k vizinhos mais próximos',
    svm: 'máquina de vetores de suporte',
    naive_bayes: 'Bayes ingénuo',
    random_forest: 'floresta aleatória',
    extra_trees: 'árvores extra-aleatórias',
    boosted_trees: 'árvores com boosting',
    neural_network: 'rede neuronal',
  },
};
