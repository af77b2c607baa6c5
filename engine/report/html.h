#pragma once
/// report.html: one page that needs no network.

#include <string>

#include "results/run_result.h"

namespace fabcast {

/// The whole page: its text and tables, which need no script, and the data from which the script
/// that stands in it draws the charts. A content policy lets nothing else run and nothing be
/// fetched. The same bytes for the same result on any machine: nothing of threads, time or host
/// is in it.
std::string report_html(const RunResult& result);

}  // namespace fabcast
