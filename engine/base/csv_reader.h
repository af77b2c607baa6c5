#pragma once
/// CSV by RFC 4180, read with the place of each cell.

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace fabcast {

struct CsvCell {
  std::string text;
  SourcePosition at;  ///< of its first character, the quote where it is quoted
};

/// Records of a text that `diagnostics` knows as `file`, lines ending in LF or CRLF; quoted cells
/// may hold commas, line ends and doubled quotes. A byte order mark and empty lines are passed
/// over. Mistakes go to `diagnostics`, and reading goes on.
std::vector<std::vector<CsvCell>> read_csv(int file, std::string_view text,
                                           Diagnostics& diagnostics);

}  // namespace fabcast
