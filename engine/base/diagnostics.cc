#include "base/diagnostics.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "base/characters.h"

namespace fabcast {

namespace {

constexpr size_t quoted_line_characters = 100;

/// One character as a terminal shows it; where the bytes could drive or deceive a terminal, their
/// hexadecimal codes.
struct Shown {
  std::string text;
  size_t bytes;  ///< read from the source
  size_t width;  ///< characters in `text`
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Length of the valid UTF-8 sequence at the start of `text` and its code point; length 0 where
/// invalid (overlong, surrogate, cut off, above U+10FFFF).
std::pair<size_t, char32_t> decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead};
  size_t length = 0;
  char32_t point = 0;
  char32_t least = 0;
  if ((lead & 0xE0) == 0xC0) {
    length = 2, point = lead & 0x1F, least = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    length = 3, point = lead & 0x0F, least = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    length = 4, point = lead & 0x07, least = 0x10000;
  }
  if (length == 0 || text.size() < length) return {0, 0};
  for (size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return {0, 0};
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < least || point > 0x10FFFF || surrogate) return {0, 0};
  return {length, point};
}

/// C0 and C1 controls, and what reorders or breaks a line of text (bidirectional marks, line and
/// paragraph separators): a quoted line must look like what the engine read.
bool is_unsafe(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069) || point == 0x200E || point == 0x200F ||
         point == 0xFEFF;
}

Shown show_first(std::string_view text) {
  const auto [length, point] = decode(text);
  if (length > 0 && !is_unsafe(point)) return {std::string(text.substr(0, length)), length, 1};
  const size_t bytes = std::max<size_t>(length, 1);
  Shown shown{{}, bytes, 4 * bytes};
  for (size_t i = 0; i < bytes; ++i) {
    shown.text += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[i]));
  }
  return shown;
}

/// The line as quoted, and how many characters stand before the caret.
struct Quote {
  std::string text;
  size_t caret;
};

/// `column` counts from 1. A long line is cut to a window that holds the column.
Quote quote(std::string_view line, int column) {
  const size_t target = static_cast<size_t>(std::max(column, 1) - 1);
  // Only what can stand in the window is looked at closely: a line may have 64 KiB.
  std::vector<Shown> cells;
  size_t skipped = 0;
  for (size_t i = 0;
       i < line.size() && skipped + cells.size() <= target + quoted_line_characters;) {
    if (skipped + 2 * quoted_line_characters < target) {
      i += std::max<size_t>(decode(line.substr(i)).first, 1);
      ++skipped;
      continue;
    }
    cells.push_back(line[i] == '\t' ? Shown{" ", 1, 1} : show_first(line.substr(i)));
    i += cells.back().bytes;
  }
  const size_t wanted = std::min(target - std::min(target, skipped), cells.size());
  const auto width = [&](size_t begin, size_t end) {
    return std::accumulate(cells.begin() + static_cast<long>(begin),
                           cells.begin() + static_cast<long>(end), size_t{0},
                           [](size_t sum, const Shown& cell) { return sum + cell.width; });
  };
  // Start the window at the line's start where the caret fits, else keep half a window before it.
  size_t begin = 0;
  if (width(0, wanted) + 2 > quoted_line_characters) {
    begin = wanted;
    size_t before = 0;
    while (begin > 0 && before + cells[begin - 1].width <= quoted_line_characters / 2) {
      before += cells[--begin].width;
    }
  }
  Quote result{begin > 0 ? "…" : "", begin > 0 ? size_t{1} : size_t{0}};
  size_t used = result.caret;
  result.caret += width(begin, wanted);
  for (size_t i = begin; i < cells.size(); ++i) {
    // One character is kept back for the mark of the cut, unless this is the last cell.
    const size_t room = quoted_line_characters - used - (i + 1 < cells.size() ? 1 : 0);
    if (cells[i].width > room) {
      result.text += "…";
      break;
    }
    result.text += cells[i].text;
    used += cells[i].width;
  }
  return result;
}

/// Edits (insert, delete, replace, swap of neighbours) that make `a` of `b`, letters' case aside.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  std::iota(previous.begin(), previous.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, row);
  }
  return previous[b.size()];
}

}  // namespace

int Diagnostics::add_file(std::string name, std::string_view text) {
  File file{escaped(name, std::numeric_limits<size_t>::max()), {}};
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    file.lines.emplace_back(line);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  files_.push_back(std::move(file));
  return static_cast<int>(files_.size()) - 1;
}

void Diagnostics::error(SourcePosition at, std::string message, std::string remedy) {
  errors_.push_back({at, std::move(message), std::move(remedy)});
}

std::string Diagnostics::text() const {
  const auto key = [](const Entry* entry) {
    return std::tie(entry->at.file, entry->at.line, entry->at.column);
  };
  std::vector<const Entry*> ordered;
  for (const Entry& entry : errors_) ordered.push_back(&entry);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](const Entry* a, const Entry* b) { return key(a) < key(b); });

  std::string text;
  std::vector<const Entry*> printed_here;  // messages already printed at this place
  for (const Entry* entry : ordered) {
    if (!printed_here.empty() && key(printed_here.front()) != key(entry)) printed_here.clear();
    const bool repeated =
        std::any_of(printed_here.begin(), printed_here.end(),
                    [&](const Entry* other) { return other->message == entry->message; });
    if (repeated) continue;
    printed_here.push_back(entry);

    const auto& [at, message, remedy] = *entry;
    const bool has_file = at.file >= 0 && static_cast<size_t>(at.file) < files_.size();
    if (has_file) text += file_name(at.file) + ":";
    if (has_file && at.line > 0) text += fmt::format("{}:{}:", at.line, at.column);
    if (has_file) text += " ";
    const std::string sentence = remedy.empty() ? message : message + "; " + remedy;
    text += escaped(sentence, std::numeric_limits<size_t>::max()) + "\n";
    if (!has_file || at.line <= 0) continue;
    const std::vector<std::string>& lines = files_[static_cast<size_t>(at.file)].lines;
    if (static_cast<size_t>(at.line) > lines.size()) continue;
    const Quote quoted = quote(lines[static_cast<size_t>(at.line) - 1], at.column);
    text += fmt::format("{:>5} | {}\n{:>5} | {:>{}}\n", at.line, quoted.text, "", "^",
                        quoted.caret + 1);
  }
  return text;
}

void Diagnostics::throw_if_any(std::string_view further) const {
  if (ok()) return;
  throw InputError(text() +
                   fmt::format("{} mistake{}{}", count(), count() == 1 ? "" : "s", further));
}

std::string escaped(std::string_view text, size_t most) {
  std::string result;
  size_t used = 0;
  size_t cut = 0;  // bytes of `result` that leave room for the mark of the cut
  while (!text.empty()) {
    const Shown shown = show_first(text);
    if (shown.width > most - used) return result.substr(0, cut) + (most > 0 ? "…" : "");
    result += shown.text;
    used += shown.width;
    if (used < most) cut = result.size();
    text.remove_prefix(shown.bytes);
  }
  return result;
}

constexpr size_t shortest_beginning = 4;  ///< letters of a name that say which is meant

std::string_view nearest_name(std::string_view word, const std::vector<std::string_view>& known) {
  const size_t most = std::max<size_t>(1, (word.size() + 1) / 3);  // a third, rounded
  std::string_view nearest;
  size_t least = most + 1;
  // A name that was begun is nearer than one of other letters.
  for (const std::string_view name : known) {
    const bool begun = word.size() >= shortest_beginning && name.starts_with(word);
    if (begun && (nearest.empty() || name.size() < nearest.size())) nearest = name;
  }
  if (!nearest.empty()) return nearest;
  for (const std::string_view name : known) {
    const size_t length_difference =
        name.size() > word.size() ? name.size() - word.size() : word.size() - name.size();
    if (length_difference > most) continue;
    const size_t distance = edit_distance(word, name);
    // A word of which nothing is left was not what was meant.
    if (distance < least && distance < std::max(word.size(), name.size())) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace fabcast
