#pragma once
/// fabcast list parts: accelerators side by side, and each against a yardstick.

#include <string>

namespace fabcast::cli {

/// Of the scenario in `file`: each part's throughput, memory, bandwidth and power, as multiples of
/// the first yardstick's and per watt. Medians in the last month; of views the first.
std::string parts_list(const std::string& file);

}  // namespace fabcast::cli
