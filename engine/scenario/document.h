#pragma once
/// Text to nodes: the only file that knows the line syntax of scenario files.
///
///   extends = FILE            before the first section
///   [kind.name]               a section; where it comes again, it goes on
///   key = value               a key, once in a section; the value goes on over the lines below
///     more of the value       that begin with white space
///   first.key ~ second.key = 0.7    in [correlate]
///   # a comment, to the end of the line, anywhere
///
/// UTF-8 without control characters (a tab is white space), lines ending in LF or CRLF.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "scenario/value.h"

namespace fabcast {

inline constexpr size_t most_line_bytes = 64 << 10;   ///< of one line
inline constexpr size_t most_value_bytes = 32 << 10;  ///< of one value, all its lines together

/// One `key = value`.
struct KeyLine {
  std::string key;
  SourcePosition key_at;
  std::string partner;  ///< in [correlate]: the key after '~'
  SourcePosition partner_at;
  PlacedText value;  ///< trimmed, without comments
  SourcePosition value_at;
  bool broken =
      false;  ///< its mistake has been told: the key counts as given, the value is not read

  /// What may stand once in a section: the key, or the pair in alphabetical order.
  std::string identity() const;
};

struct DocumentSection {
  std::string kind, entity;  ///< [tool.SN2.immersion]: "tool", "SN2.immersion"
  SourcePosition at;
  std::vector<KeyLine> lines;

  std::string name() const { return entity.empty() ? kind : kind + "." + entity; }
};

struct Document {
  std::optional<KeyLine> extends;
  std::vector<DocumentSection> sections;
  /// False where a mistake left out sections or lines, so that what they hold is not known to be
  /// missing.
  bool complete = true;
};

/// Reads a file's text, which `diagnostics` knows as `file`. Without a byte order mark.
Document read_document(int file, std::string_view text, Diagnostics& diagnostics);

/// Reads "fab.SN2.plan = 3k to 8k" and "a.x ~ b.y = 0.7" lines, one a line of `file`.
Document read_set_lines(int file, const std::vector<std::string>& lines, Diagnostics& diagnostics);

/// A word of a text and where it begins.
struct Token {
  std::string_view word;
  size_t offset;
};
/// The words of a text, white space between them.
std::vector<Token> tokens_of(std::string_view text);

/// White space at both ends taken off.
std::string_view trimmed(std::string_view text);
/// Runs of white space made one blank, none at the ends.
std::string folded(std::string_view text);

}  // namespace fabcast
