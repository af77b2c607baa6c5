#include "scenario/document.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/characters.h"
#include "scenario/names.h"

namespace fabcast {

namespace {

constexpr size_t most_mistakes = 200;  ///< after which the rest of a file is not read

/// Bytes before the first that may not stand in a file: what escaped() shows as codes, but a tab.
size_t clean_bytes(std::string_view line) {
  const auto is_plain = [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; };
  const size_t plain =
      static_cast<size_t>(std::find_if_not(line.begin(), line.end(), is_plain) - line.begin());
  if (plain == line.size()) return plain;
  std::string tabless(line);
  std::replace(tabless.begin(), tabless.end(), '\t', ' ');
  const std::string shown = escaped(tabless, std::numeric_limits<size_t>::max());
  const auto [bad, unused] =
      std::mismatch(tabless.begin(), tabless.end(), shown.begin(), shown.end());
  return static_cast<size_t>(bad - tabless.begin());
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

int count_characters(std::string_view text) {
  return static_cast<int>(text.size()) -
         static_cast<int>(std::count_if(text.begin(), text.end(), is_continuation));
}

/// One line of a text: its content without line end and comment, and the places in it.
struct Line {
  std::string_view content;  ///< from column 1
  int file, number;
  bool broken = false;  ///< its mistake has been told

  SourcePosition at(size_t offset) const {
    return {file, number, count_characters(content.substr(0, offset)) + 1};
  }
  /// Place of a part of `content`.
  SourcePosition at(std::string_view part) const {
    return at(static_cast<size_t>(part.data() - content.data()));
  }
};

/// Words with blanks between them: what [observe] names.
bool are_words(std::string_view text) {
  const std::vector<Token> tokens = tokens_of(text);
  return !tokens.empty() && std::all_of(tokens.begin(), tokens.end(),
                                        [](const Token& token) { return is_word(token.word); });
}

class Reader {
 public:
  Reader(int file, Diagnostics& diagnostics) : file_(file), diagnostics_(diagnostics) {}

  Document read_file(std::string_view text);
  Document read_sets(const std::vector<std::string>& lines);

 private:
  enum class Continues { nothing, key, mistake };  ///< what an indented line goes on with

  Line check(std::string_view raw, int number);
  void read_line(const Line& line);
  void read_header(const Line& line);
  void open_section(std::string_view name, SourcePosition at);
  void read_key(const Line& line);
  void continue_value(const Line& line);
  /// Adds a line to the current section, or tells that its key is there already.
  void add(KeyLine key);
  void finish_value();
  std::optional<KeyLine> split(const Line& line);

  DocumentSection& section() { return document_.sections[index_]; }
  bool before_first_section() const { return document_.sections.empty() && !ignoring_; }

  int file_;
  Diagnostics& diagnostics_;
  Document document_;
  std::unordered_map<std::string, size_t> section_index_;
  std::unordered_map<std::string, int> key_line_;  ///< line of each key, by section and identity
  bool ignoring_ = false;                          ///< the lines of the section at hand
  size_t index_ = 0;                               ///< of that section
  Continues continues_ = Continues::nothing;
  KeyLine* last_ = nullptr;  ///< whose value an indented line continues
  KeyLine spare_;            ///< takes the lines of a key that is not kept
};

Line Reader::check(std::string_view raw, int number) {
  if (raw.ends_with('\r')) raw.remove_suffix(1);
  Line line{raw.substr(0, raw.find('#')), file_, number};
  if (raw.size() > most_line_bytes) {
    diagnostics_.error({file_, number, 1}, fmt::format("this line has {} bytes", raw.size()),
                       fmt::format("a line holds at most {}; let the value go on over lines that "
                                   "begin with white space",
                                   most_line_bytes));
    line.content = {};
    line.broken = true;
    document_.complete = false;
    return line;
  }
  const size_t clean = clean_bytes(raw);
  if (clean < raw.size()) {
    const Line whole{raw, file_, number};
    size_t end = clean + 1;  // with the bytes that continue the same character
    while (end < raw.size() && is_continuation(raw[end])) ++end;
    diagnostics_.error(whole.at(clean),
                       fmt::format("the byte{} {} cannot stand here", end == clean + 1 ? "" : "s",
                                   escaped(raw.substr(clean, end - clean))),
                       "a scenario file is UTF-8 text without control characters");
    line.broken = true;
  }
  return line;
}

Document Reader::read_file(std::string_view text) {
  const size_t mistakes_before = diagnostics_.count();
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    read_line(check(text.substr(0, end), number));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (diagnostics_.count() - mistakes_before >= most_mistakes && !text.empty()) {
      diagnostics_.error({file_, number + 1, 1},
                         fmt::format("{} lines are wrong so far", most_mistakes),
                         "the rest of this file was not read");
      document_.complete = false;
      break;
    }
  }
  finish_value();
  return std::move(document_);
}

void Reader::read_line(const Line& line) {
  const std::string_view content = trimmed(line.content);
  if (content.empty()) return;  // blank and comment lines do not end a value
  if (is_space(line.content.front()) && continues_ != Continues::nothing) {
    if (continues_ == Continues::key) continue_value(line);
    return;
  }
  finish_value();
  if (content.front() == '[') {
    read_header(line);
  } else {
    if (is_space(line.content.front()) && !line.broken && !ignoring_) {
      diagnostics_.error(line.at(content),
                         "this line begins with white space, and no value above it goes on",
                         "begin it in the first column");
    }
    read_key(line);
  }
}

void Reader::read_header(const Line& line) {
  const std::string_view content = trimmed(line.content);
  const SourcePosition at = line.at(content);
  const size_t close = content.find(']');
  const std::string_view name = trimmed(
      content.substr(1, close == std::string_view::npos ? std::string_view::npos : close - 1));
  if (line.broken || !is_word(name)) {
    if (!line.broken) {
      diagnostics_.error(at, fmt::format("'[{}]' is not a section", escaped(name)),
                         "write [kind.name], of letters, digits, '_', '+' and '-'");
    }
    document_.complete = false;
    ignoring_ = true;
    return;
  }
  if (close == std::string_view::npos) {
    diagnostics_.error(at, fmt::format("'[{}' lacks its ']'", escaped(name)),
                       fmt::format("write [{}]", name));
  } else if (close + 1 < content.size()) {
    diagnostics_.error(line.at(trimmed(content.substr(close + 1))),
                       fmt::format("nothing may follow [{}] on its line", name),
                       "give each key a line of its own");
  }
  open_section(name, at);
}

void Reader::open_section(std::string_view name, SourcePosition at) {
  const auto [known, is_new] =
      section_index_.try_emplace(std::string(name), document_.sections.size());
  if (is_new) {
    const auto [kind, entity] = split_section_name(name);
    document_.sections.push_back({std::string(kind), std::string(entity), at, {}});
  }  // else it goes on: a key may stand once in all its parts
  index_ = known->second;
  ignoring_ = false;
}

std::optional<KeyLine> Reader::split(const Line& line) {
  const std::string_view content = trimmed(line.content);
  const size_t equals = line.content.find('=');
  if (equals == std::string_view::npos) {
    document_.complete = false;  // it may have been any key
    if (!line.broken) {
      diagnostics_.error(
          line.at(content),
          fmt::format("'{}' is neither a [section] nor a 'key = value'", escaped(content)),
          "a line that goes on with the value above begins with white space");
    }
    return std::nullopt;
  }
  KeyLine result;
  std::string_view key = trimmed(line.content.substr(0, equals));
  const size_t tilde = key.find('~');
  if (tilde != std::string_view::npos) {
    const std::string_view partner = trimmed(key.substr(tilde + 1));
    result.partner = std::string(partner);
    result.partner_at = line.at(partner);
    key = trimmed(key.substr(0, tilde));
  }
  result.key = folded(key);
  result.key_at = line.at(key.empty() ? content : key);
  result.broken = line.broken;
  const bool observes =
      (!before_first_section() && section().kind == "observe") || key.starts_with("observe.");
  if (!(observes ? are_words(key) : is_word(key)) ||
      (tilde != std::string_view::npos && !is_word(result.partner))) {
    document_.complete = false;
    if (!line.broken) {
      const std::string_view left = trimmed(line.content.substr(0, equals));
      diagnostics_.error(
          result.key_at,
          left.empty() ? "no key stands before the '='"
                       : fmt::format("'{}' is not a key", escaped(left)),
          "a key is a word of letters, digits, '_', '.', '+' and '-', before the '='");
    }
    return std::nullopt;
  }
  const std::string_view value = trimmed(line.content.substr(equals + 1));
  result.value_at = value.empty() ? line.at(equals + 1) : line.at(value);
  if (!value.empty()) result.value.append(value, result.value_at);
  return result;
}

void Reader::read_key(const Line& line) {
  last_ = nullptr;
  continues_ = Continues::mistake;  // what goes on with a wrong line is not read either
  if (ignoring_) return;
  std::optional<KeyLine> key = split(line);
  if (!key) return;
  if (before_first_section()) {
    const bool again = document_.extends.has_value();
    if (key->key == "extends" && key->partner.empty() && !again) {
      document_.extends = std::move(key);
      last_ = &*document_.extends;
      continues_ = Continues::key;
    } else if (key->key == "extends" && again) {
      diagnostics_.error(key->key_at,
                         fmt::format("'extends' is given twice; it was first on line {}",
                                     document_.extends->key_at.line),
                         "a file extends one file");
    } else {
      document_.complete = false;
      const std::string meant = suggestion(key->key, {"extends"});
      diagnostics_.error(key->key_at,
                         fmt::format("'{}' stands before the first section", escaped(key->key)),
                         meant.empty() ? "only 'extends' may; put it below a [section]" : meant);
    }
    return;
  }
  const bool in_correlate = section().kind == "correlate";
  if (in_correlate == key->partner.empty()) {
    diagnostics_.error(key->key_at,
                       in_correlate ? fmt::format("'{}' is not a pair", key->key)
                                    : fmt::format("a pair with '~' stands in [correlate] only"),
                       "write first.key ~ second.key = 0.7");
    return;
  }
  add(std::move(*key));
}

void Reader::add(KeyLine key) {
  const std::string identity = key.identity();
  const auto [first, is_new] =
      key_line_.try_emplace(fmt::format("{} {}", index_, identity), key.key_at.line);
  continues_ = Continues::key;
  if (is_new) {
    section().lines.push_back(std::move(key));
    last_ = &section().lines.back();
    return;
  }
  diagnostics_.error(
      key.key_at,
      fmt::format("'{}' is given twice; it was first set on line {}", identity, first->second),
      "keep one of the two");
  spare_ = std::move(key);
  spare_.broken = true;
  last_ = &spare_;
}

void Reader::continue_value(const Line& line) {
  if (line.broken) last_->broken = true;
  if (last_->broken) return;
  const std::string_view content = trimmed(line.content);
  // `  other = 5` under `plan = 3` is a key that slipped to the right, not a value.
  const size_t equals = content.find('=');
  if (equals != std::string_view::npos && is_word(trimmed(content.substr(0, equals)))) {
    diagnostics_.error(line.at(content),
                       fmt::format("this line begins with white space, so it goes on with the "
                                   "value of '{}' (line {})",
                                   last_->key, last_->key_at.line),
                       fmt::format("begin it in the first column to set '{}'",
                                   trimmed(content.substr(0, equals))));
    last_->broken = true;
    return;
  }
  if (last_->value.text().empty()) last_->value_at = line.at(content);
  last_->value.append(content, line.at(content));
}

void Reader::finish_value() {
  continues_ = Continues::nothing;
  KeyLine* const key = std::exchange(last_, nullptr);
  if (!key || key->broken) return;
  const size_t bytes = key->value.text().size();
  if (bytes == 0) {
    diagnostics_.error(key->value_at, fmt::format("'{}' has no value", key->identity()),
                       "write one after the '='");
  } else if (bytes > most_value_bytes) {
    diagnostics_.error(key->value_at,
                       fmt::format("the value of '{}' has {} bytes", key->key, bytes),
                       fmt::format("a value holds at most {}", most_value_bytes));
  }
  key->broken = bytes == 0 || bytes > most_value_bytes;
}

Document Reader::read_sets(const std::vector<std::string>& lines) {
  int number = 0;
  for (const std::string& text : lines) {
    ++number;
    const Line line = check(text, number);
    if (line.content.find('=') == std::string_view::npos) {
      if (!line.broken) {
        diagnostics_.error({file_, number, 1},
                           fmt::format("'{}' sets nothing", escaped(trimmed(line.content))),
                           "--set takes KEY=VALUE, as in fab.SN2.plan=12k");
      }
      continue;
    }
    std::optional<KeyLine> key = split(line);
    if (!key) continue;
    if (!key->partner.empty()) {
      index_ = section_index_.try_emplace("correlate", document_.sections.size()).first->second;
      if (index_ == document_.sections.size()) {
        document_.sections.push_back({"correlate", "", key->key_at, {}});
      }
    } else {
      const FullKey full = split_full_key(key->key);
      if (!full.problem.empty()) {
        diagnostics_.error(key->key_at, full.problem, full.remedy);
        continue;
      }
      DocumentSection section{std::string(full.kind), std::string(full.entity), key->key_at, {}};
      index_ = section_index_.try_emplace(section.name(), document_.sections.size()).first->second;
      if (index_ == document_.sections.size()) document_.sections.push_back(std::move(section));
      key->key = std::string(full.key);
    }
    add(std::move(*key));
    finish_value();
  }
  return std::move(document_);
}

}  // namespace

std::string KeyLine::identity() const {
  if (partner.empty()) return key;
  return key < partner ? key + " ~ " + partner : partner + " ~ " + key;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  for (size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    const size_t begin = i;
    while (i < text.size() && !is_space(text[i])) ++i;
    tokens.push_back({text.substr(begin, i - begin), begin});
  }
  return tokens;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string folded(std::string_view text) {
  std::string result;
  for (const char c : trimmed(text)) {
    if (!is_space(c)) {
      result += c;
    } else if (!result.ends_with(' ')) {
      result += ' ';
    }
  }
  return result;
}

Document read_document(int file, std::string_view text, Diagnostics& diagnostics) {
  return Reader(file, diagnostics).read_file(text);
}

Document read_set_lines(int file, const std::vector<std::string>& lines, Diagnostics& diagnostics) {
  return Reader(file, diagnostics).read_sets(lines);
}

}  // namespace fabcast
