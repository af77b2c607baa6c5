/// The finished workbook, read again.

#include <expat.h>
#include <fmt/format.h>
#include <minizip/unzip.h>

#include <array>
#include <memory>

#include "report/workbook.h"

namespace fabcast {

namespace {

struct Unzip {
  unzFile file;
  ~Unzip() {
    if (file) unzClose(file);
  }
};

/// Counts elements <v>: values of cells.
void count_value(void* count, const XML_Char* name, const XML_Char**) {
  if (name[0] == 'v' && name[1] == '\0') ++*static_cast<size_t*>(count);
}

/// Reads the part that is open as XML to its end; what is wrong, or "".
std::string part_fault(unzFile file, size_t& values) {
  if (unzOpenCurrentFile(file) != UNZ_OK) return "cannot be opened";
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(
      XML_ParserCreate("UTF-8"), XML_ParserFree);
  XML_SetUserData(parser.get(), &values);
  XML_SetStartElementHandler(parser.get(), count_value);
  std::array<char, 1 << 16> buffer;
  bool is_xml = true;
  int count = 0;
  while ((count = unzReadCurrentFile(file, buffer.data(), buffer.size())) > 0 && is_xml) {
    is_xml = XML_Parse(parser.get(), buffer.data(), count, 0) == XML_STATUS_OK;
  }
  is_xml = is_xml && XML_Parse(parser.get(), buffer.data(), 0, 1) == XML_STATUS_OK;
  // Which tells whether the checksum is right.
  const bool is_whole = count >= 0 && unzCloseCurrentFile(file) == UNZ_OK;
  if (!is_xml) return "is no XML to its end";
  return is_whole ? "" : "cannot be unpacked";
}

}  // namespace

std::string workbook_fault(const std::string& path, const std::vector<size_t>& cells_by_sheet) {
  const Unzip zip{unzOpen64(path.c_str())};
  if (!zip.file) return "it is no zip file";
  size_t sheets = 0;
  int next = unzGoToFirstFile(zip.file);
  for (; next == UNZ_OK; next = unzGoToNextFile(zip.file)) {
    std::array<char, 256> name{};
    if (unzGetCurrentFileInfo64(zip.file, nullptr, name.data(), name.size() - 1, nullptr, 0,
                                nullptr, 0) != UNZ_OK) {
      return "its directory cannot be read";
    }
    size_t values = 0;
    const std::string fault = part_fault(zip.file, values);
    if (!fault.empty()) return fmt::format("{} {}", name.data(), fault);
    for (size_t s = 0; s < cells_by_sheet.size(); ++s) {
      if (fmt::format("xl/worksheets/sheet{}.xml", s + 1) != name.data()) continue;
      ++sheets;
      if (values != cells_by_sheet[s]) {
        return fmt::format("{} has {} cells of {}", name.data(), values, cells_by_sheet[s]);
      }
    }
  }
  if (next != UNZ_END_OF_LIST_OF_FILE) return "its directory ends early";
  return sheets == cells_by_sheet.size() ? "" : "sheets are missing";
}

}  // namespace fabcast
