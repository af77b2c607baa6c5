#pragma once
/// What stands above a report, in the page and in the workbook.

#include <string>

#include "results/run_result.h"

namespace fabcast {

struct ReportHeading {
  std::string title;
  std::string told;  ///< months, trials, seed, version
};

ReportHeading heading_of(const RunResult& result);

}  // namespace fabcast
