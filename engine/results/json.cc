#include "results/json.h"

#include <cmath>
#include <limits>

namespace fabcast {

using Json = nlohmann::ordered_json;

Json json_of(const Cell& cell) {
  if (const std::string* text = std::get_if<std::string>(&cell)) return *text;
  if (const long long* whole = std::get_if<long long>(&cell)) return *whole;
  // The shortest text that reads back as the same double.
  if (const double* number = std::get_if<double>(&cell); number && std::isfinite(*number)) {
    return *number;
  }
  return nullptr;
}

Cell cell_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_float()) return json.get<double>();
  if (json.is_number_integer()) return json.get<long long>();
  return std::monostate{};
}

double number_of(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

Json json_of(const ReachedPrecision& reached) {
  return {{"scenario", reached.scenario},
          {"of", reached.of},
          {"unit", reached.unit},
          {"value", json_of(reached.value)},
          {"lo", json_of(reached.low)},
          {"hi", json_of(reached.high)},
          {"absolute", reached.is_absolute},
          {"asked", reached.asked},
          {"reached", json_of(reached.half_width)},
          {"ess", json_of(reached.effective_trials)},
          {"met", reached.met}};
}

ReachedPrecision reached_precision_of(const Json& json) {
  ReachedPrecision reached;
  reached.scenario = json.at("scenario").get<std::string>();
  reached.of = json.at("of").get<std::string>();
  reached.unit = json.at("unit").get<std::string>();
  reached.value = number_of(json.at("value"));
  reached.low = number_of(json.at("lo"));
  reached.high = number_of(json.at("hi"));
  reached.is_absolute = json.at("absolute").get<bool>();
  reached.asked = number_of(json.at("asked"));
  reached.half_width = number_of(json.at("reached"));
  // No width is small beside 0.
  if (json.at("reached").is_null() && reached.value == 0) {
    reached.half_width = std::numeric_limits<double>::infinity();
  }
  reached.effective_trials = number_of(json.at("ess"));
  reached.met = json.at("met").get<bool>();
  return reached;
}

}  // namespace fabcast
