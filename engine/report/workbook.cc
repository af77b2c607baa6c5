#include "report/workbook.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/characters.h"
#include "base/diagnostics.h"

namespace fabcast {

namespace {

constexpr size_t most_cell_units = 32'767;  ///< UTF-16 units
constexpr size_t most_sheet_units = 31;     ///< of a sheet's name
constexpr size_t most_name_units = 255;     ///< of a table's or a cell's
constexpr size_t most_link_characters = 2000;
constexpr std::string_view replacement = "\uFFFD";

/// The UTF-8 sequence at the start of a text: its length, and its code point; length 0: none.
struct Decoded {
  size_t length;
  char32_t point;
};
Decoded decoded(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {1, first};
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {0, 0};
  char32_t point = first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    point = point << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < least[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
    return {0, 0};
  }
  return {length, point};
}

/// Whether XML 1.0 can hold it in a spreadsheet's cell.
bool is_xml_character(char32_t point) {
  if (point < 0x20) return point == '\n' || point == '\t';
  return point != 0x7F && point != 0xFFFE && point != 0xFFFF;
}

/// Whether a text begins with what a spreadsheet reads as a character: _xHHHH_.
bool begins_escape(std::string_view text) {
  constexpr std::string_view hexadecimal = "0123456789abcdefABCDEF";
  return text.size() >= 7 && text[0] == '_' && text[1] == 'x' && text[6] == '_' &&
         text.substr(2, 4).find_first_not_of(hexadecimal) == std::string_view::npos;
}

size_t units_of(char32_t point) { return point > 0xFFFF ? 2 : 1; }

bool is_wide(char32_t point) {
  return (point >= 0x1100 && point < 0x1160) || (point >= 0x2E80 && point < 0xA4D0) ||
         (point >= 0xAC00 && point < 0xD7A4) || (point >= 0xF900 && point < 0xFB00) ||
         (point >= 0xFE30 && point < 0xFE70) || (point >= 0xFF00 && point < 0xFF61) ||
         point >= 0x1F300;
}

/// As many whole characters of a safe text as have so many UTF-16 units.
std::string_view cut_to(std::string_view text, size_t most_units) {
  size_t units = 0, bytes = 0;
  while (bytes < text.size()) {
    const Decoded next = decoded(text.substr(bytes));
    units += units_of(next.point);
    if (units > most_units) break;
    bytes += next.length;
  }
  return text.substr(0, bytes);
}

std::string small(std::string text) {
  for (char& c : text) c = lower(c);
  return text;
}

/// The name, or the name with a number, that `taken` has not; then it has it.
template <class With>
std::string free_name(std::set<std::string>& taken, const With& with) {
  std::string name = with("");
  for (int copy = 2; !taken.insert(small(name)).second; ++copy) {
    name = with(fmt::format("_{}", copy));
  }
  return name;
}

/// Letters, digits, underscores; no number first, and nothing that could be a cell: "AB12", "R1C1".
std::string identifier(std::string_view text) {
  std::string name;
  for (const char c : text) name += is_word(c) ? c : '_';
  if (name.empty() || is_digit(name[0])) name.insert(0, 1, '_');
  if (name.find('_') == std::string::npos) name += '_';
  return name.substr(0, most_name_units - 10);
}

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw IoError(fmt::format("cannot write '{}': {}", escaped(path, 200), reason));
}

/// While it stands nothing is printed to standard error: the library prints there, in its own
/// words, what its error code says, too.
class Hushed {
 public:
  Hushed() : kept_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (kept_ >= 0 && null >= 0) dup2(null, STDERR_FILENO);
    if (null >= 0) ::close(null);
  }
  ~Hushed() {
    if (kept_ < 0) return;
    dup2(kept_, STDERR_FILENO);
    ::close(kept_);
  }
  Hushed(const Hushed&) = delete;
  Hushed& operator=(const Hushed&) = delete;

 private:
  int kept_;
};

}  // namespace

std::string cell_text(std::string_view text) {
  std::string safe;
  size_t units = 0;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\r') {
      if (!text.substr(i).starts_with("\r\n")) safe += '\n', ++units;
      ++i;
      continue;
    }
    const Decoded next = decoded(text.substr(i));
    if (next.length == 0 || !is_xml_character(next.point)) {
      safe += replacement;
      ++units;
    } else {
      if (begins_escape(text.substr(i))) safe += "_x005F", units += 6;
      safe += text.substr(i, next.length);
      units += units_of(next.point);
    }
    i += std::max<size_t>(next.length, 1);
  }
  if (units <= most_cell_units) return safe;
  constexpr std::string_view told = " … (cut: more than a cell holds)";
  return std::string(cut_to(safe, most_cell_units - 40)) + std::string(told);
}

std::string label_text(std::string_view text) {
  std::string label = cell_text(text);
  if (label.starts_with('=')) label.insert(0, 1, '\'');
  return std::string(cut_to(label, most_name_units));
}

size_t shown_width(std::string_view text) {
  size_t widest = 0, width = 0;
  while (!text.empty()) {
    const Decoded next = decoded(text);
    if (next.point == '\n') {
      width = 0;
    } else {
      width += is_wide(next.point) ? 2 : 1;
    }
    widest = std::max(widest, width);
    text.remove_prefix(std::max<size_t>(next.length, 1));
  }
  return widest;
}

void Sheet::widen(size_t column, size_t width) {
  if (widths_.size() <= column) widths_.resize(column + 1, 0);
  widths_[column] = std::max(widths_[column], width);
}

void Sheet::write(size_t row, size_t column, const Cell& cell, const CellStyle& style) {
  lxw_format* format = style == CellStyle{} ? nullptr : book_.format(style);
  const auto at_row = static_cast<lxw_row_t>(row);
  const auto at_column = static_cast<lxw_col_t>(column);
  if (const double number = number_in(cell); std::isfinite(number)) {
    worksheet_write_number(sheet_, at_row, at_column, number, format);
    // Digits with their separators, sign, and what the format adds.
    const double digits = std::max(0.0, std::floor(std::log10(std::max(1.0, std::abs(number)))));
    widen(column, static_cast<size_t>(digits * 4 / 3) + 5);
    ++cells_;
  } else if (const std::string& text = text_in(cell); !text.empty()) {
    const std::string safe = cell_text(text);
    worksheet_write_string(sheet_, at_row, at_column, safe.c_str(), format);
    if (!style.title && !style.heading) widen(column, shown_width(safe));
    ++cells_;
  } else if (format) {
    worksheet_write_blank(sheet_, at_row, at_column, format);
  }
}

void Sheet::write_link(size_t row, size_t column, const std::string& text) {
  const bool is_address = text.starts_with("https://") || text.starts_with("http://");
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return is_word(c) || std::string_view("-.~:/?#[]@!$&'()*+,;=%").find(c) != std::string::npos;
  });
  if (!is_address || !is_plain || text.size() > most_link_characters) {
    write(row, column, text);
    return;
  }
  worksheet_write_url(sheet_, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column),
                      text.c_str(), nullptr);
  widen(column, text.size());
  ++cells_;
}

void Sheet::add_table(size_t row, size_t rows, const std::vector<Heading>& columns,
                      const std::string& name) {
  constexpr size_t arrow = 3;  // the filter's button
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (const Heading& column : columns) {
    std::string safe = cell_text(column.name);
    std::replace(safe.begin(), safe.end(), '\n', ' ');
    if (safe.empty()) safe = "column";
    names.push_back(free_name(taken, [&](const std::string& suffix) {
      return std::string(cut_to(safe, most_name_units - suffix.size())) + suffix;
    }));
    widen(names.size() - 1, shown_width(names.back()) + arrow);
  }
  if (rows == 0) {  // a spreadsheet refuses a table without rows
    CellStyle style;
    style.header = true;
    for (size_t c = 0; c < names.size(); ++c) write(row, c, names[c], style);
    return;
  }
  std::vector<lxw_table_column> described(columns.size());
  std::vector<lxw_table_column*> pointers;
  for (size_t c = 0; c < names.size(); ++c) {
    described[c].header = names[c].data();
    CellStyle style;
    style.header = true;
    style.right = columns[c].over_numbers;
    described[c].header_format = book_.format(style);
    pointers.push_back(&described[c]);
  }
  pointers.push_back(nullptr);
  lxw_table_options options{};
  std::string table = book_.table_name(name);
  options.name = table.data();
  options.columns = pointers.data();
  options.style_type = LXW_TABLE_STYLE_TYPE_MEDIUM;
  options.style_type_number = 2;
  const lxw_error error = worksheet_add_table(sheet_, static_cast<lxw_row_t>(row), 0,
                                              static_cast<lxw_row_t>(row + rows),
                                              static_cast<lxw_col_t>(columns.size() - 1), &options);
  if (error != LXW_NO_ERROR) throw std::logic_error(lxw_strerror(error));
  cells_ += columns.size();
}

void Sheet::set_width(size_t column, double width) {
  const auto at = static_cast<lxw_col_t>(column);
  worksheet_set_column(sheet_, at, at, width, nullptr);
  width_ += width;
}

void Sheet::fit_columns(double most) {
  for (size_t c = 0; c < widths_.size(); ++c) {
    set_width(c, std::clamp(static_cast<double>(widths_[c]) + 1, 6.0, most));
  }
}

void Sheet::set_print(size_t repeat) {
  constexpr uint8_t a4 = 9;
  constexpr double side = 0.4, end = 0.5;  // inches
  worksheet_set_landscape(sheet_);
  worksheet_set_paper(sheet_, a4);
  worksheet_set_margins(sheet_, side, side, end, end);
  worksheet_set_footer(sheet_, "&L&F&C&A&R&P / &N");
  constexpr double characters_of_page = 240;  // at a size that can be read
  worksheet_fit_to_pages(sheet_, static_cast<uint16_t>(std::ceil(width_ / characters_of_page)), 0);
  if (repeat > 0) worksheet_repeat_rows(sheet_, 0, static_cast<lxw_row_t>(repeat - 1));
}

Workbook::Workbook(const std::string& path, const std::string& title)
    : path_(path), folder_(path.substr(0, std::min(path.rfind('/'), path.size()))) {
  if (path.find('/') == std::string::npos) folder_ = ".";
  lxw_workbook_options options{};
  options.tmpdir = folder_.data();
  book_ = workbook_new_opt(path.c_str(), &options);
  if (!book_) throw std::bad_alloc();
  c_locale_ = newlocale(LC_ALL_MASK, "C", nullptr);
  former_ = uselocale(c_locale_);
  std::string safe_title = label_text(title), author = "fabcast";
  lxw_doc_properties properties{};
  properties.title = safe_title.data();
  properties.author = author.data();
  // 2026-01-01: of the file, not of the moment, so that the same results are the same bytes.
  properties.created = 1767225600;
  workbook_set_properties(book_, &properties);
}

Workbook::~Workbook() {
  if (book_) lxw_workbook_free(book_);
  uselocale(former_);
  freelocale(c_locale_);
}

Sheet& Workbook::add_sheet(std::string_view name) {
  std::string safe = cell_text(name);
  for (char& c : safe) {
    if (std::string_view("[]:*?/\\\n\t").find(c) != std::string_view::npos) c = ' ';
  }
  while (safe.starts_with('\'') || safe.starts_with(' ')) safe.erase(0, 1);
  while (safe.ends_with('\'') || safe.ends_with(' ')) safe.pop_back();
  if (safe.empty() || small(safe) == "history") safe += "_";
  const std::string free = free_name(names_, [&](const std::string& suffix) {
    // A quote at the cut would end the name.
    std::string cut(cut_to(safe, most_sheet_units - suffix.size()));
    while (cut.ends_with('\'') || cut.ends_with(' ')) cut.pop_back();
    return cut + suffix;
  });
  lxw_worksheet* sheet = workbook_add_worksheet(book_, free.c_str());
  if (!sheet) throw std::logic_error("sheet " + free);
  sheets_.push_back(Sheet(*this, sheet, free));
  return sheets_.back();
}

std::string Workbook::table_name(std::string_view wanted) {
  const std::string name = identifier(wanted);
  return free_name(names_, [&](const std::string& suffix) { return name + suffix; });
}

void Workbook::define_name(std::string_view name, const Sheet& sheet, size_t row, size_t column) {
  std::string quoted;
  for (const char c : sheet.name()) quoted += c == '\'' ? "''" : std::string(1, c);
  char cell[LXW_MAX_CELL_NAME_LENGTH];
  lxw_rowcol_to_cell_abs(cell, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column), 1, 1);
  workbook_define_name(book_, table_name(name).c_str(),
                       fmt::format("='{}'!{}", quoted, cell).c_str());
}

lxw_format* Workbook::format(const CellStyle& style) {
  const auto [place, is_new] = formats_.emplace(style, nullptr);
  if (!is_new) return place->second;
  lxw_format* format = workbook_add_format(book_);
  constexpr lxw_color_t dark = 0x1F3864, grey = 0x595959;
  if (!style.number_format.empty()) format_set_num_format(format, style.number_format.c_str());
  if (style.bold || style.heading || style.title) format_set_bold(format);
  if (style.quiet) format_set_font_color(format, grey);
  if (style.heading || style.title) format_set_font_color(format, dark);
  if (style.heading) format_set_font_size(format, 13);
  if (style.title) format_set_font_size(format, 18);
  if (style.fixed) format_set_font_name(format, "Consolas");
  if (style.line_below) format_set_bottom(format, LXW_BORDER_THIN);
  if (style.right) format_set_align(format, LXW_ALIGN_RIGHT);
  if (style.header) {
    format_set_bold(format);
    format_set_font_color(format, 0xFFFFFF);
    format_set_bg_color(format, dark);
  }
  return place->second = format;
}

void Workbook::close() {
  errno = 0;
  lxw_workbook* book = book_;
  book_ = nullptr;  // which closing frees
  std::vector<size_t> cells;
  for (const Sheet& sheet : sheets_) cells.push_back(sheet.cells_);
  const auto [error, reason] = [&] {
    const Hushed hushed;
    const lxw_error failed = workbook_close(book);
    return std::pair(failed, errno);
  }();
  if (error != LXW_NO_ERROR) {
    fail(path_, fmt::format("{}{}", lxw_strerror(error),
                            reason == 0 ? "" : fmt::format(" ({})", std::strerror(reason))));
  }
  const std::string fault = workbook_fault(path_, cells);
  if (!fault.empty()) {
    fail(path_, fmt::format("it came out spoilt ({}); is the disk full?", fault));
  }
}

}  // namespace fabcast
