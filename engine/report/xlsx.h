#pragma once

#include <string>

#include "results/run_result.h"

namespace fabcast {

/// report.xlsx: Summary with charts, variables by group, the other tables, inputs with sources, a
/// dictionary, the run with its scenario's text, and what the charts are drawn from. The same
/// result gives the same bytes. Temporaries lie in the file's folder; the finished file is read
/// again. Throws IoError.
void write_xlsx(const RunResult& result, const std::string& path);

/// The sheet of report.xlsx that a variable stands on: "Wafers" of wafer.starts; "Other" where no
/// group has it.
std::string_view sheet_of_variable(std::string_view variable);

}  // namespace fabcast
