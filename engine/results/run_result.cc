#include "results/run_result.h"

#include <fmt/core.h>

namespace fabcast {

std::string Provenance::sampler_text() const {
  if (replicates == 1) return sampler;
  return fmt::format("{}, {} replicates of {} trials, whose differences tell the errors", sampler,
                     replicates, trials / replicates);
}

std::string Provenance::seed_text() const {
  return replicates == 1 ? fmt::format("seed {}", seed)
                         : fmt::format("seed {}, {} in {} replicates", seed, sampler, replicates);
}

std::vector<const Table*> RunResult::tables() const {
  std::vector<const Table*> all;
  for (const Table* table :
       {&summary, &binding, &questions, &crossings, &exceedance, &inputs, &sources}) {
    if (!table->columns.empty()) all.push_back(table);
  }
  for (const Table& table : further) all.push_back(&table);
  return all;
}

}  // namespace fabcast
