// What src/report/page_data.cc writes. Parts that a run does not have are absent.
export interface Figure {
  name: string;
  value: number | null;
  low: number | null;
  high: number | null;
  naive: number | null;
}
export type Point = [number, number];
export interface Bin {
  p: number;
  rate: number;
  low: number;
  high: number;
  rows: number;
}
export interface Example {
  file: string;
  line: number;
  value: string;
}
export interface Repair {
  kind: string;
  table: string;
  column?: string;
  map?: [string, string][];
  where?: string;
  decimal?: string;
  toml: string;
}
export interface Finding {
  kind: string;
  severity: 'info' | 'warning' | 'error';
  table: string;
  column: string;
  rows: number;
  examples: Example[];
  message: string; // English
  facts: Record<string, number | string | null> | null; // its figures
  confidence: number;
  repair: Repair[];
  applied: boolean;
}
export interface Trial {
  rank: number;
  learner: string;
  title: string;
  params: Record<string, unknown>;
  mean: number | null;
  sd: number | null;
  best: boolean;
  complete: boolean; // tried on all folds
}
export interface Comparison {
  better: string;
  worse: string;
  betterKey: string;
  worseKey: string;
  difference: number;
  low: number;
  high: number;
  p: number;
  tie: boolean;
}
export interface ClassFigures {
  name: string;
  rows: number;
  called: number;
  figures: Figure[];
}
export interface Importance {
  feature: string;
  table: string;
  drop: number | null;
  low: number | null;
  high: number | null;
  // Absent where the answer was not computed along the column.
  certainty?: 'clear' | 'unstable' | 'faint';
  direction?: 'raises' | 'lowers' | 'mixed' | 'categories' | 'none';
  date?: boolean; // values are days, said as 2024-03-01
  lowValue?: number | string | null; // numbers: 10 % lie below; text: the least likely category
  highValue?: number | string | null;
  lowProbability?: number | null;
  highProbability?: number | null;
}
export interface Dependence {
  feature: string;
  answer: string;
  text: boolean;
  date: boolean; // the grid is in days since 1970-01-01
  at: (number | string)[]; // grid or categories ("" missing)
  partial: (number | null)[];
  individual: (number | null)[][];
  edges: number[];
  density: number[];
}
export interface Explanation {
  importance: Importance[];
  dependence: Dependence[];
  method: string;
  exact: boolean;
  explainedRows: number;
}
export interface Slice {
  kind: 'range' | 'value' | 'other' | 'missing';
  label: string;
  low?: number | null;
  high?: number | null;
  rows: number;
  rate: [number | null, number | null, number | null]; // of the last class, with its interval
}
export interface ColumnProfile {
  name: string;
  table: string;
  role: string;
  type: string;
  definition?: string; // of a column made of events
  rows: number;
  missing: number;
  distinct: number;
  estimated: boolean;
  top: string;
  topRows: number;
  quantiles?: Record<string, number | null>;
  outside: number;
  outliers: [string, number][];
  distribution: Slice[];
  phik: number | null;
}
export interface Exploration {
  columns: ColumnProfile[];
  pairs: { columns: string[]; phik: (number | null)[][] } | null;
  nearCopies: { a: string; b: string; agreement: number }[];
  interactions: {
    a: string;
    b: string;
    aLabels: string[];
    bLabels: string[];
    cells: [number, number | null][][]; // rows, rate
  }[];
  drift: { along: string; column: string; strength: number }[];
}
export interface OfferLine {
  name: string;
  title: string;
  channel: string;
  effect: [number, number, number];
  effect_is: 'relative' | 'points';
  eligible: number;
  not_for: number;
  chosen: number;
  control: number;
  cost: number;
  profit: { value: number | null; low: number | null; high: number | null };
}
export interface Offers {
  aim: 'avoid' | 'reach';
  unit: string;
  budget: number | null;
  chosen: number;
  sent: number;
  cost: number;
  profit: { value: number | null; low: number | null; high: number | null };
  gap: number;
  proven: boolean;
  one_more_unit_of_budget: number;
  refused: { no_consent: number; on_list: number; contacted_enough: number; no_value: number };
  offers: OfferLine[];
  control: {
    customers: number;
    smallest_effect: number; // 1: none
    power: number;
    looked_for?: number;
    too_small?: boolean;
    strata: { segment: string; offer: string; chosen: number; control: number; smallest_effect: number }[];
  };
  scenarios: { factor: number; profit: number; same: number; of: number; this_plan_profit: number }[];
  previews: { offer: string; channel: string; language: string; message: string; customers: number; fallbacks: number }[];
}
export interface Interval {
  value: number | null;
  low: number | null;
  high: number | null;
}
export interface SegmentDifference {
  feature: string;
  category: string; // '': means are compared; else shares of customers with it
  date: boolean; // the means are days since 1970-01-01
  inside: number;
  outside: number;
  size: Interval; // in standard deviations
  adjusted_p: number;
  in_rule: boolean;
}
export interface Segment {
  name: string;
  title: Record<string, string>; // by language; may be empty
  kind: 'cell' | 'named' | 'discovered';
  rule: string;
  risk_band?: number;
  value_band?: number;
  customers: number;
  primary: number;
  share: number;
  mean_risk: number | null;
  value?: number;
  value_share?: number | null;
  expected_loss?: Interval;
  sealed: number;
  cases: number;
  rate: Interval;
  small: boolean;
  differences: SegmentDifference[];
  drivers: { feature: string; contribution: Interval }[];
  driver_rows: number;
}
export interface Segments {
  value_column: string; // '': there is none
  unit: string;
  period: string;
  risk_cuts: number[];
  risk_cut_from: 'threshold' | 'base rate' | 'study';
  value_cuts: number[];
  min_customers: number;
  customers: number;
  without_value: number;
  total_value?: number;
  expected_loss?: Interval;
  base_rate: Interval;
  list: Segment[];
  overlaps: { a: string; b: string; customers: number }[];
  leftover: number;
  rules: { tried: number; tested: number };
  driver_space: string;
  notes: string[];
}
export interface Money {
  contact_cost: number;
  success_rate: number;
  kept_value: number | string; // an amount, or the value column
  threshold: 'f1' | 'share' | 'money';
  contact_share?: number;
  customers: number;
  positives: number;
  contacted: number;
  not_contacted: number;
  found: number;
  cost: number;
  cost_of_everybody: number;
  cost_saved: number;
  profit: Interval;
  profit_of_everybody: Interval;
  over_everybody: Interval;
  best_share: Interval;
  best_profit: number;
  curve: { share: number; contacted: number; found: number; profit: number }[];
}
export interface Data {
  language: string;
  study: {
    name: string;
    file: string;
    question: string;
    target: string;
    positive: string;
    id: string;
    classes: string[];
    seed: string;
    version: string;
  };
  rows: {
    customers: number;
    train: number;
    validation: number;
    test: number;
    refit: boolean; // the final model learned from the validation rows too
    positives: number;
    rate: number;
    classRates?: number[];
  };
  scored: { customers: number; called: number };
  dropped: { reason: string; customers: number; ids: string[] }[];
  verdict: {
    rows: number;
    positives: number;
    threshold: number;
    better: boolean;
    figures: Figure[];
    confusion: number[][]; // [true class][called class]
    perClass?: ClassFigures[];
    recommendation?: { k: number; customers: number; figures: Figure[] };
    roc: Point[];
    pr: Point[];
    reliability: Bin[];
    scores?: number[][]; // [class][twentieth of the probability]
  };
  validation?: Figure[]; // of rows kept apart from the search and from the verdict
  lossCurve?: { step: string; best: number; training: Point[]; validation: Point[] };
  // The winner's settings at each moment after the first, learned from the rows of earlier ones; the
  // last is the verdict's.
  backtest?: { cutoff: string; learnedFrom: number; rows: number; baseRate: number | null; sealed: boolean; figures: Figure[] }[];
  search: {
    metric: string;
    method: string;
    folds: number;
    settings: number;
    stopped: number; // settings left after a few folds
    cut: string; // '' when the search went to its end, else 'budget' or 'interrupted'
    fits: number;
    fitted: number;
    trials: Trial[];
    comparisons: Comparison[];
    shared: string[];
  };
  calibration: { method: string; candidates: { method: string; loss: number }[] };
  findings: Finding[];
  warnings: string[];
  notes: string[];
  features: string[];
  files: { file: string; rows: number; bytes: number; sha256: string }[];
  money?: Money;
  segments?: Segments;
  offers?: Offers;
  explanation?: Explanation;
  exploration?: Exploration;
}

export const kept = (d: Data) => d.rows.train + d.rows.validation + d.rows.test;
export const figure = (d: Data, name: string) => d.verdict.figures.find((f) => f.name === name);
// Two classes, one of which is the question's; else each class is asked for.
export const isBinary = (d: Data) => d.study.classes.length === 2;
// The class that probabilities along a column are of: the positive one of two.
export const lastClass = (d: Data) => d.study.classes[d.study.classes.length - 1];

// The share of all cases among the `share` of customers with the highest risk, from the ROC curve;
// between its points as drawn (ties in random order).
export function foundAmong(d: Data, share: number): number {
  const line = gains(d);
  for (let i = 1; i < line.length; ++i) {
    const [x0, y0] = line[i - 1];
    const [x1, y1] = line[i];
    if (share <= x1) return x1 > x0 ? y0 + ((y1 - y0) * (share - x0)) / (x1 - x0) : y1;
  }
  return 1;
}
// Share of customers, highest risk first, against the share of all cases among them.
export function gains(d: Data): Point[] {
  const rate = d.verdict.positives / d.verdict.rows;
  return d.verdict.roc.map(([fpr, tpr]) => [tpr * rate + fpr * (1 - rate), tpr]);
}

// Nothing speaks against the column: its interval lies above 0 and no fold disagrees.
export const isClear = (one: Importance) =>
  one.certainty === undefined ? (one.low ?? 0) > 0 : one.certainty === 'clear';
