#pragma once
/// What a sweep shows on one screen.

#include <cstdint>
#include <string>
#include <vector>

#include "results/compared.h"

namespace fabcast {

struct Swept {
  std::vector<std::string> keys;       ///< columns of the tables
  std::vector<std::string> units;      ///< of their numbers, "" for none
  std::vector<std::string> scenarios;  ///< names, in the order of the tables
  size_t points = 0;                   ///< of the design
  std::string run;  ///< of one of several sweeps in a report: "sweep (RUN)" are its tables' names
  std::vector<ComparedMeasure>
      measures;  ///< variable, entity, unit and period of the columns shown
};

}  // namespace fabcast
