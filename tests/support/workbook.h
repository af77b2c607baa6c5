#pragma once
/// A workbook as a reader of its parts finds it: unpacked by minizip, each part parsed by Expat.

#include <doctest/doctest.h>
#include <expat.h>
#include <minizip/unzip.h>

#include <boost/property_tree/xml_parser.hpp>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace fabcast::testing {

using Xml = boost::property_tree::ptree;

struct ReadCell {
  bool is_text = false;
  std::string text;
  double number = 0;
};

struct ReadWorkbook {
  std::map<std::string, std::string> parts;
  std::vector<std::string> sheets;  ///< names, in order

  explicit ReadWorkbook(const std::string& path) {
    unzFile zip = unzOpen64(path.c_str());
    REQUIRE(zip != nullptr);
    for (int next = unzGoToFirstFile(zip); next == UNZ_OK; next = unzGoToNextFile(zip)) {
      char name[256] = "";
      REQUIRE(unzGetCurrentFileInfo64(zip, nullptr, name, sizeof name, nullptr, 0, nullptr, 0) ==
              UNZ_OK);
      REQUIRE(unzOpenCurrentFile(zip) == UNZ_OK);
      std::string& text = parts[name];
      char buffer[4096];
      for (int n = 0; (n = unzReadCurrentFile(zip, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<size_t>(n));
      }
      REQUIRE(unzCloseCurrentFile(zip) == UNZ_OK);
      CAPTURE(name);
      const XML_Parser parser = XML_ParserCreate(nullptr);
      CHECK(XML_Parse(parser, text.data(), static_cast<int>(text.size()), 1) == XML_STATUS_OK);
      XML_ParserFree(parser);
    }
    unzClose(zip);
    for (const auto& [tag, sheet] : xml("xl/workbook.xml").get_child("workbook.sheets")) {
      sheets.push_back(sheet.get<std::string>("<xmlattr>.name"));
    }
    if (!parts.count("xl/sharedStrings.xml")) return;
    for (const auto& [tag, item] : xml("xl/sharedStrings.xml").get_child("sst")) {
      if (tag == "si") strings_.push_back(item.get<std::string>("t"));
    }
  }

  const Xml& xml(const std::string& part) const {
    const auto [place, is_new] = trees_.try_emplace(part);
    if (is_new) {
      std::istringstream in(parts.at(part));
      boost::property_tree::read_xml(in, place->second);
    }
    return place->second;
  }

  size_t count(const std::string& beginning) const {
    size_t n = 0;
    for (const auto& [name, text] : parts) n += name.starts_with(beginning);
    return n;
  }

  std::string part_of(const std::string& sheet) const {
    for (size_t s = 0; s < sheets.size(); ++s) {
      if (sheets[s] == sheet) return "xl/worksheets/sheet" + std::to_string(s + 1) + ".xml";
    }
    FAIL("no sheet " << sheet);
    return "";
  }

  /// Rows of a sheet: cells with a value by their column's letters.
  std::vector<std::map<std::string, ReadCell>> rows(const std::string& sheet) const {
    std::vector<std::map<std::string, ReadCell>> rows;
    for (const auto& [tag, row] : xml(part_of(sheet)).get_child("worksheet.sheetData")) {
      auto& cells = rows.emplace_back();
      for (const auto& [kind, cell] : row) {
        if (kind != "c") continue;
        const auto value = cell.get_optional<std::string>("v");
        if (!value) continue;
        const auto at = cell.get<std::string>("<xmlattr>.r");
        ReadCell read;
        read.is_text = cell.get("<xmlattr>.t", "n") == "s";
        if (read.is_text) {
          read.text = strings_.at(std::stoul(*value));
        } else {
          read.number = std::strtod(value->c_str(), nullptr);  // also of the smallest
        }
        cells[at.substr(0, at.find_first_of("0123456789"))] = read;
      }
    }
    return rows;
  }

  bool has_text(const std::string& text) const {
    for (const std::string& each : strings_) {
      if (each == text) return true;
    }
    return false;
  }

 private:
  std::vector<std::string> strings_;
  mutable std::map<std::string, Xml> trees_;  ///< by part
};

/// "A", "B", … "AA"
inline std::string column_letters(size_t column) {
  std::string letters(1, static_cast<char>('A' + column % 26));
  return column < 26 ? letters : column_letters(column / 26 - 1) + letters;
}

}  // namespace fabcast::testing
