#pragma once
/// What a comparison of scenarios shows on one screen.

#include <limits>
#include <string>
#include <vector>

namespace fabcast {

/// Nothing was compared.
inline constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// One cell of the one-screen table.
struct ComparedValue {
  double value = 0;  ///< mean; of a milestone the month's count, NaN: later
  double difference = std::numeric_limits<double>::quiet_NaN();  ///< mean of the paired differences
                                                                 ///< to the first scenario
  double half_interval = nothing;  ///< of the 90 % interval of the difference
  std::string text;                ///< of a milestone: its median month
};

struct ComparedScenario {
  std::string name, title;
  std::vector<ComparedValue> values;  ///< by measure
};

/// What is compared on one screen: [scenario] `comparison` of the first scenario.
struct ComparedMeasure {
  std::string variable, entity, unit, period;  ///< "milestone", its name, "", ""
};

struct Compared {
  std::vector<ComparedMeasure> measures;
  std::vector<ComparedScenario> scenarios;  ///< the first is the base
};

}  // namespace fabcast
