#pragma once
/// A file, what it extends, and --set: read one after another and laid over one another.

#include <string>
#include <vector>

#include "scenario/document.h"
#include "scenario/load.h"

namespace fabcast {

/// The name of the file that the command line's settings make.
inline constexpr const char* set_lines = "--set";
inline constexpr int most_files_deep = 8;
inline constexpr size_t most_sections = 10'000;  ///< each fills its defaults in

/// The sections of all files, each key from the last file that sets it.
struct MergedSections {
  std::vector<DocumentSection> sections;  ///< in the order of first appearance, base first
  std::vector<FileRead> files;            ///< base first, set_lines last
  std::vector<LeftOut> left_out;          ///< keys that gave way to another way to say the same
  /// False where some file or section is not there to be checked against, for a mistake that has
  /// been told: then what is missing may stand in it.
  bool complete = true;
};

/// One file, parsed.
struct ChainFile {
  Document document;
  FileRead file;
};

/// A file and those that it extends, base first.
struct ChainFiles {
  std::vector<ChainFile> files;
  bool complete = true;  ///< false where one is not there, for a mistake that has been told
};

/// Throws IoError where the file that the user named cannot be read.
ChainFiles read_chain(std::string path, Diagnostics& diagnostics);

/// The same for a text in memory; `extends` reaches the library only.
ChainFiles read_chain_of_text(const std::string& name, const std::string& text,
                              Diagnostics& diagnostics);

/// The same of files that a run has stored, each after those that it extends.
ChainFiles read_stored_chain(const std::vector<std::pair<std::string, std::string>>& stored,
                             Diagnostics& diagnostics);

/// Laid over one another, --set last.
MergedSections merge_chain(ChainFiles chain, const std::vector<std::string>& sets,
                           Diagnostics& diagnostics);

}  // namespace fabcast
