#include "study/init.h"

#include "run/run.h"

namespace perennial {

std::string init_study(const std::vector<std::string>& files, const std::string& target,
                       const std::string& positive, const fs::path& home) {
  const Workers workers(0);
  InitOptions options;
  if (!target.empty()) options.target = target;
  if (!positive.empty()) options.positive = positive;
  std::vector<Table> tables;
  for (const std::string& file : files) {
    const fs::path path = path_of(file);
    tables.push_back(read_table(path.stem().string(), {}, {.files = {file}}, workers));
    options.files.push_back(fs::weakly_canonical(path)
                                .lexically_proximate(fs::weakly_canonical(home))
                                .generic_string());
  }
  return propose_study(tables, options, workers);
}

}  // namespace perennial
