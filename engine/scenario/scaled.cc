#include "scenario/scaled.h"

#include <algorithm>
#include <map>

#include "scenario/value_grammar.h"

namespace fabcast {

std::string scaled_text(const Setting& setting, double factor) {
  const std::string& text = setting.number().text;
  Diagnostics diagnostics;  // it was read before: nothing can be wrong
  const auto written =
      read_value(PlacedText(text, {}), setting.row->dimension, diagnostics).value();
  std::map<size_t, double> numbers;  // by offset
  const auto note = [&](const WrittenNumber& number) { numbers[number.at] = number.value; };
  for (const WrittenPath& path : written.paths) {
    for (const WrittenAnchor& anchor : path.anchors) {
      for (const WrittenView& view : anchor.views) {
        const WrittenDistribution& distribution = view.distribution;
        std::for_each(distribution.numbers.begin(), distribution.numbers.end(), note);
        for (const auto* bound : {&distribution.low, &distribution.high}) {
          if (*bound) note(**bound);
        }
      }
    }
  }
  std::string scaled = text;
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
    const size_t length = parse_number(std::string_view(text).substr(number->first))->length;
    scaled.replace(number->first, length, number_text(number->second * factor));
  }
  // What follows the value in `raw`, a date, stays.
  return scaled + setting.raw.substr(text.size());
}

}  // namespace fabcast
