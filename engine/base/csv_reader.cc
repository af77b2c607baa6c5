#include "base/csv_reader.h"

#include <utility>

namespace fabcast {

namespace {

class Reader {
 public:
  Reader(int file, std::string_view text, Diagnostics& diagnostics)
      : file_(file), text_(text), diagnostics_(diagnostics) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  std::vector<std::vector<CsvCell>> read() {
    std::vector<std::vector<CsvCell>> records;
    while (!at_end()) {
      if (at_line_end()) {  // an empty line; a quoted empty cell is a cell
        take('\r');
        take('\n');
        continue;
      }
      std::vector<CsvCell> record;
      do {
        record.push_back(cell());
      } while (take(','));
      take('\r');
      take('\n');
      records.push_back(std::move(record));
    }
    return records;
  }

 private:
  bool at_end() const { return next_ == text_.size(); }
  bool at_line_end() const {
    return at_end() || text_[next_] == '\n' || text_.substr(next_).starts_with("\r\n");
  }
  bool is(char c) const { return !at_end() && text_[next_] == c; }

  char advance() {
    const char c = text_[next_++];
    if (c == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {  // a character's first byte
      ++place_.column;
    }
    return c;
  }
  bool take(char c) {
    if (!is(c)) return false;
    advance();
    return true;
  }

  CsvCell cell() {
    CsvCell cell{"", {file_, place_.line, place_.column}};
    if (is('"')) {
      read_quoted(cell);
      return cell;
    }
    bool told = false;
    while (!at_line_end() && !is(',')) {
      if (is('"') && !std::exchange(told, true)) {
        diagnostics_.error({file_, place_.line, place_.column},
                           "a quote stands within a cell that does not begin with one",
                           "quote the whole cell, and double each quote in it");
      }
      cell.text += advance();
    }
    return cell;
  }

  void read_quoted(CsvCell& cell) {
    advance();
    while (true) {
      if (at_end()) {
        diagnostics_.error(cell.at, "this quoted cell has no end", "close it with a quote");
        return;
      }
      const char c = advance();
      if (c != '"') {
        cell.text += c;
      } else if (take('"')) {
        cell.text += '"';
      } else {
        break;
      }
    }
    if (at_line_end() || is(',')) return;
    diagnostics_.error({file_, place_.line, place_.column},
                       "after a quoted cell a comma or the line's end is expected",
                       "double each quote that stands within a quoted cell");
    while (!at_line_end() && !is(',')) advance();
  }

  int file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  size_t next_ = 0;
  struct {
    int line = 1, column = 1;
  } place_;
};

}  // namespace

std::vector<std::vector<CsvCell>> read_csv(int file, std::string_view text,
                                           Diagnostics& diagnostics) {
  return Reader(file, text, diagnostics).read();
}

}  // namespace fabcast
