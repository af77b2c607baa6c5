#include "results/run_result.h"

namespace fabcast {

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
