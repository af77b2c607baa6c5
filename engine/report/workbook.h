#pragma once
/// A workbook file, written through libxlsxwriter so that it always opens and holds no formula:
/// texts are made safe, sheet and table names right and unique, limits kept, and the finished file
/// is read again.

#include <xlsxwriter.h>

#include <compare>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "results/table.h"

namespace fabcast {

/// A text that XML can hold: what is no UTF-8, and characters that XML has not, as U+FFFD; line
/// ends as '\n'; the words `_x0041_`, which spreadsheets would read as "A", escaped; and at most
/// 32,767 UTF-16 units, which is what a cell holds, the cut told at the end.
std::string cell_text(std::string_view text);

/// The same for the title of a chart or the name of a series, where libxlsxwriter takes a text that
/// begins with '=' for a formula.
std::string label_text(std::string_view text);

/// Columns that a text takes on the screen: wide characters two.
size_t shown_width(std::string_view text);

struct CellStyle {
  std::string number_format;  ///< "#,##0"; "" for none
  bool bold = false, quiet = false, heading = false, title = false, fixed = false, header = false;
  bool line_below = false, right = false;
  auto operator<=>(const CellStyle&) const = default;
};

class Workbook;

class Sheet {
 public:
  const std::string& name() const { return name_; }
  /// Writes a cell; an empty one, a number that is none and an empty text are left blank.
  void write(size_t row, size_t column, const Cell& cell, const CellStyle& style = {});
  /// A text as a link where it is a plain http(s) address, else as a text.
  void write_link(size_t row, size_t column, const std::string& text);
  /// A named table with a heading row and filters over rows that are written already. Names of
  /// columns are made right and unique; those over numbers stand at the right.
  struct Heading {
    std::string name;
    bool over_numbers = false;
  };
  void add_table(size_t row, size_t rows, const std::vector<Heading>& columns,
                 const std::string& name);
  /// Sets the width of the columns that were written to what their texts and numbers take.
  void fit_columns(double most = 60);
  void set_width(size_t column, double width);
  /// Landscape on A4, with the sheet's name, the page, and `repeat` first rows on each; as many
  /// pages beside one another as its columns, whose widths are set, can be read on.
  void set_print(size_t repeat);
  lxw_worksheet* handle() { return sheet_; }

 private:
  friend class Workbook;
  Sheet(Workbook& book, lxw_worksheet* sheet, std::string name)
      : book_(book), sheet_(sheet), name_(std::move(name)) {}
  void widen(size_t column, size_t width);

  Workbook& book_;
  lxw_worksheet* sheet_;
  std::string name_;
  std::vector<size_t> widths_;
  double width_ = 0;  ///< of all columns, in characters
  size_t cells_ = 0;  ///< that hold a value
};

class Workbook {
 public:
  /// Temporaries lie in the folder of `path`. While this lives, its thread has the C locale, in
  /// which libxlsxwriter must write numbers.
  Workbook(const std::string& path, const std::string& title);
  ~Workbook();
  Workbook(const Workbook&) = delete;
  Workbook& operator=(const Workbook&) = delete;

  /// The name is cut to 31 characters, and changed where it is taken or holds what it must not.
  Sheet& add_sheet(std::string_view name);
  /// A name for a cell, made of letters, digits and underscores.
  void define_name(std::string_view name, const Sheet& sheet, size_t row, size_t column);
  lxw_format* format(const CellStyle& style);
  lxw_chart* add_chart(uint8_t type) { return workbook_add_chart(book_, type); }
  /// A table's name that is free.
  std::string table_name(std::string_view wanted);
  /// Writes the file and reads it again. Throws IoError.
  void close();

 private:
  std::string path_, folder_;
  locale_t c_locale_, former_;
  lxw_workbook* book_ = nullptr;
  std::deque<Sheet> sheets_;
  std::map<CellStyle, lxw_format*> formats_;
  std::set<std::string> names_;  ///< of sheets, tables and cells, in small letters
};

/// What is wrong with a finished workbook: a part that cannot be unpacked or is no XML to its end,
/// or a sheet that has not as many cells with a value as were written; "" where nothing is.
/// libxlsxwriter reports success where its temporary files were cut off.
std::string workbook_fault(const std::string& path, const std::vector<size_t>& cells_by_sheet);

}  // namespace fabcast
