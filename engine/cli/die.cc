/// fabcast die: gross dies, the wafer map, yield by every model, bins.

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/comma_list.h"
#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "report/wafer_map.h"
#include "scenario/quantity.h"
#include "stages/die_bins.h"
#include "stages/die_yield.h"
#include "stages/gross_die.h"

namespace fabcast::cli {

namespace {

constexpr int map_columns = 76;
constexpr double mm2_per_cm2 = 100;

/// Numbers of the command line, each with the dimension and the range of the scenario key that it
/// stands for. Collects mistakes, so that all are told at once.
class Numbers {
 public:
  explicit Numbers(const Options& options) : options_(options) {}

  /// The option's number in the key's canonical unit; a bare number is in that unit already.
  /// Nothing where the option is absent (and the key has no default) or wrong.
  std::optional<double> read(const char* option, std::string_view section, std::string_view key) {
    const KeyRow& row = *find_section(section)->find(key);
    const bool given = options_.has(option);
    if (!given && (row.fallback.empty() || row.is_required())) return {};
    const std::string text = given ? options_.get<std::string>(option) : std::string(row.fallback);
    const std::optional<double> value = value_of(text, row.dimension);
    if (!value) {
      const std::string_view unit = shown_unit(row.dimension);
      mistake(fmt::format("--{}: '{}' is not a number{}{}", option, escaped(text),
                          unit.empty() ? "" : " in ",
                          unit.empty() ? "" : unit_list(row.dimension)));
    } else if (*value < row.low || *value > row.high) {
      mistake(fmt::format("--{}: {} is out of range; it takes {}", option, escaped(text),
                          range_text(row)));
    } else if (takes_whole_numbers(row) && *value != std::floor(*value)) {
      mistake(fmt::format("--{}: {} is not a whole number", option, escaped(text)));
    } else {
      return value;
    }
    return {};
  }

  void mistake(const std::string& text) { mistakes_ += (mistakes_.empty() ? "" : "\n") + text; }
  void throw_if_any() const {
    if (!mistakes_.empty()) throw InputError(mistakes_ + "\nsee fabcast die --help");
  }

 private:
  static std::optional<double> value_of(std::string_view text, Dimension dimension) {
    const auto number = parse_number(text);
    if (!number) return {};
    std::string_view unit = text.substr(number->length);
    if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
    if (unit.empty()) return number->value;
    const auto factor = unit_factor(dimension, unit);
    if (!factor) return {};
    return number->value * *factor;
  }

  const Options& options_;
  std::string mistakes_;
};

/// What was asked, read and checked.
struct Question {
  WaferMap map;
  double area_mm2 = 0;
  bool area_alone = false;  ///< no width and height: the squarest shape of that area
  double d0_per_cm2 = 0, alpha = 0, layers = 0;
  bool d0_is_default = false;
  double core_area_share = 0;
  std::optional<BinDesign> bins;
};

struct NamedModel {
  YieldModel model;
  const char *name, *formula;
};
constexpr NamedModel models[] = {
    {YieldModel::poisson, "poisson", "exp(-AD)"},
    {YieldModel::murphy, "murphy", "((1 - exp(-AD))/AD)^2"},
    {YieldModel::seeds, "seeds", "1/(1 + AD)"},
    {YieldModel::moore, "moore", "exp(-sqrt(AD))"},
    {YieldModel::negative_binomial, "negative_binomial", "(1 + AD/alpha)^-alpha"},
    {YieldModel::bose_einstein, "bose_einstein", "(1 + AD)^-layers, D per layer"},
};

double yield_of(YieldModel model, const Question& asked) {
  const double area_cm2 = asked.area_mm2 / mm2_per_cm2;
  double yield = 0;
  die_yield(model, 1, {&area_cm2, &asked.d0_per_cm2, &asked.alpha}, asked.layers, &yield);
  return yield;
}

std::vector<int> min_cores(const Options& options, Numbers& numbers, int cores) {
  std::vector<int> asked;
  if (!options.has("min-cores")) {
    for (int k = cores; 2 * k >= cores && k > 0; --k) asked.push_back(k);
    return asked;
  }
  for (const std::string_view word : comma_list(options.get<std::string>("min-cores"))) {
    const auto number = parse_number(word);
    if (!number || number->length != word.size() || number->value != std::floor(number->value) ||
        std::abs(number->value) > 2 * most_cores) {
      numbers.mistake(
          fmt::format("--min-cores: '{}' is not a number of cores; write e.g. --min-cores 25,20",
                      escaped(word)));
      return {};
    }
    asked.push_back(static_cast<int>(number->value));
  }
  std::sort(asked.rbegin(), asked.rend());  // best first, however they were typed
  return asked;
}

void read_die(const Options& options, Numbers& numbers, Question& asked) {
  const auto width = numbers.read("width", "die", "width");
  const auto height = numbers.read("height", "die", "height");
  const auto area = numbers.read("area", "die", "area");
  if (options.has("area")) {
    if (options.has("width") || options.has("height")) {
      numbers.mistake("give either --area or --width and --height");
    } else if (area) {
      // Square where the field allows it, else as wide as the field's short side.
      asked.area_alone = true;
      asked.area_mm2 = *area;
      asked.map.die_width_mm = std::min(std::sqrt(*area), field_short_mm);
      asked.map.die_height_mm = *area / asked.map.die_width_mm;
    }
    return;
  }
  if (!options.has("width") || !options.has("height")) {
    numbers.mistake("a die needs --width and --height, or --area");
  } else if (width && height) {
    asked.map.die_width_mm = *width;
    asked.map.die_height_mm = *height;
    asked.area_mm2 = *width * *height;
    if (!options.has("no-reticle") && !fits_reticle_field(*width, *height)) {
      numbers.mistake(fmt::format(
          "a die of {:.6g} mm x {:.6g} mm is larger than the reticle field, {} mm x {} mm: no "
          "scanner can expose it in one piece; --no-reticle counts it all the same",
          *width, *height, field_short_mm, field_long_mm));
    }
  }
}

void read_bins(const Options& options, Numbers& numbers, Question& asked) {
  const auto cores = numbers.read("cores", "die", "cores");
  if (!options.has("cores")) {
    for (const char* needs_cores : {"core-area", "uncore", "min-cores", "pair", "model"}) {
      if (options.has(needs_cores)) {
        numbers.mistake(fmt::format("--{} needs --cores", needs_cores));
      }
    }
    return;
  }
  const auto core_area = numbers.read("core-area", "die", "area");
  const auto uncore = options.has("uncore") ? numbers.read("uncore", "die", "core_area_share")
                                            : std::optional<double>{};
  if (options.has("core-area") == options.has("uncore")) {
    numbers.mistake(
        "--cores needs either --core-area (of one core) or --uncore (share of the die)");
  }
  if (!cores || (!core_area && !uncore)) return;
  BinDesign design;
  design.cores = static_cast<int>(*cores);
  design.scope = options.has("pair") ? BinScope::pair : BinScope::die;
  design.critical_layers = asked.layers;
  design.min_cores = min_cores(options, numbers, design.cores * (options.has("pair") ? 2 : 1));
  if (uncore) {
    asked.core_area_share = 1 - *uncore;
  } else if (asked.area_mm2 > 0) {
    asked.core_area_share = *core_area * design.cores / asked.area_mm2;
    if (asked.core_area_share > 1) {
      numbers.mistake(
          fmt::format("--core-area: {} cores of {:.6g} mm2 are more than the die's {:.6g} mm2",
                      design.cores, *core_area, asked.area_mm2));
    }
  }
  const std::string name =
      options.has("model") ? options.get<std::string>("model") : "negative_binomial";
  bool known = false;
  for (const NamedModel& model : models) {
    if (name != model.name) continue;
    design.model = model.model;
    known = true;
  }
  if (!known) {
    std::string names;
    for (const NamedModel& model : models)
      names += std::string(names.empty() ? "" : ", ") + model.name;
    numbers.mistake(fmt::format("--model: '{}' is none of {}", escaped(name), names));
  }
  asked.bins = design;
}

Question read_question(const Options& options) {
  Numbers numbers(options);
  Question asked;
  read_die(options, numbers, asked);
  asked.map.wafer_mm = numbers.read("wafer", "die", "wafer").value_or(0);
  asked.map.edge_exclusion_mm = numbers.read("edge", "die", "edge_exclusion").value_or(0);
  asked.map.scribe_mm = numbers.read("scribe", "die", "scribe").value_or(0);
  asked.map.notch_mm = numbers.read("notch", "die", "notch").value_or(0);
  asked.map.reticle_aligned = options.has("reticle");
  asked.d0_per_cm2 = numbers.read("d0", "node", "d0").value_or(0);
  asked.d0_is_default = !options.has("d0");
  asked.alpha = numbers.read("alpha", "node", "alpha").value_or(0);
  asked.layers = numbers.read("layers", "node", "critical_layers").value_or(0);
  if (asked.map.wafer_mm > 0 && 2 * asked.map.edge_exclusion_mm >= asked.map.wafer_mm) {
    numbers.mistake(fmt::format("--edge: {:.6g} mm leaves nothing of a wafer of {:.6g} mm",
                                asked.map.edge_exclusion_mm, asked.map.wafer_mm));
  }
  if (options.has("reticle") && options.has("no-reticle")) {
    numbers.mistake("give either --reticle or --no-reticle");
  }
  read_bins(options, numbers, asked);
  numbers.throw_if_any();
  return asked;
}

struct Answer {
  GrossDies exact;
  double closed_form = 0;
  std::vector<double> fractions;  ///< of each bin, exclusive
};

Answer answer(const Question& asked) {
  const WaferMap& map = asked.map;
  Answer result;
  // The plan first: its mistakes need no search.
  if (asked.bins) {
    result.fractions = bin_fractions(plan_bins(*asked.bins), asked.area_mm2 / mm2_per_cm2,
                                     asked.core_area_share, asked.d0_per_cm2, asked.alpha);
  }
  result.exact = gross_dies_exact(map);
  const double cell_mm2 =
      asked.area_alone ? square_cell_mm2(asked.area_mm2, map.scribe_mm)
                       : (map.die_width_mm + map.scribe_mm) * (map.die_height_mm + map.scribe_mm);
  const double radius = map.wafer_mm / 2 - map.edge_exclusion_mm;
  if (radius > 0) result.closed_form = gross_dies_closed_form(cell_mm2, radius);
  return result;
}

void print_json(const Question& asked, const Answer& found) {
  nlohmann::ordered_json json;
  json["gross_dies_exact"] = found.exact.count;
  json["gross_dies_closed_form"] = found.closed_form;
  json["die_area_mm2"] = asked.area_mm2;
  if (asked.map.reticle_aligned) json["fields"] = found.exact.fields.size();
  json["d0_per_cm2"] = asked.d0_per_cm2;
  json["d0_is_default"] = asked.d0_is_default;
  for (const NamedModel& model : models) json["yield"][model.name] = yield_of(model.model, asked);
  json["bins"] = nlohmann::ordered_json::array();
  if (asked.bins) {
    double at_least = 0;
    for (size_t b = 0; b < found.fractions.size(); ++b) {
      at_least += found.fractions[b];
      json["bins"].push_back({{"min_cores", asked.bins->min_cores[b]},
                              {"fraction", found.fractions[b]},
                              {"at_least", at_least}});
    }
  }
  fmt::print("{}\n", json.dump(2));
}

void print_wafer(const Question& asked, const Answer& found) {
  const WaferMap& map = asked.map;
  fmt::print("{}\n", wafer_map_text(map, found.exact, map_columns));
  fmt::print("  die              {:.6g} mm x {:.6g} mm = {:.6g} mm2{}\n", map.die_width_mm,
             map.die_height_mm, asked.area_mm2,
             asked.area_alone ? "; shape assumed, as only its area was given" : "");
  fmt::print("  wafer            {:.6g} mm, edge exclusion {:.6g} mm, scribe {:.6g} mm{}\n",
             map.wafer_mm, map.edge_exclusion_mm, map.scribe_mm,
             map.notch_mm > 0 ? fmt::format(", notch band {:.6g} mm", map.notch_mm) : "");
  fmt::print("  gross dies       {:<10}exact, best of all grid offsets\n", found.exact.count);
  fmt::print("                   {:<10.1f}closed form (de Vries 2005)\n", found.closed_form);
  if (map.reticle_aligned) {
    fmt::print("  reticle fields   {:<10}exposed\n", found.exact.fields.size());
  }
}

void print_yield(const Question& asked, const Answer& found) {
  fmt::print("\n  yield at D0 = {:.6g} /cm2, alpha = {:.6g}, {:.6g} critical layers\n",
             asked.d0_per_cm2, asked.alpha, asked.layers);
  if (asked.d0_is_default) fmt::print("  (that D0 is the default of node.d0; --d0 sets it)\n");
  fmt::print("    {:<18}{:>9}{:>17}   {}\n", "model", "yield", "good dies/wafer", "formula");
  for (const NamedModel& model : models) {
    const double yield = yield_of(model.model, asked);
    fmt::print("    {:<18}{:>7.2f} %{:>17.1f}   {}\n", model.name, 100 * yield,
               yield * found.exact.count, model.formula);
  }
}

void print_bins(const Question& asked, const Answer& found) {
  const BinDesign& design = *asked.bins;
  const char* model = "";
  for (const NamedModel& one : models) {
    if (one.model == design.model) model = one.name;
  }
  fmt::print("\n  bins{}: {} cores{} of {:.6g} mm2, {:.1f} % uncore, {}\n",
             design.scope == BinScope::pair ? " of two dies together" : "", design.cores,
             design.scope == BinScope::pair ? " a die" : "",
             asked.area_mm2 * asked.core_area_share / design.cores,
             100 * (1 - asked.core_area_share), model);
  fmt::print("    {:<18}{:>9}{:>17}   {}\n", "good cores", "dies", "dies/wafer",
             "this bin or better");
  double at_least = 0;
  for (size_t b = 0; b < found.fractions.size(); ++b) {
    at_least += found.fractions[b];
    const int lowest = design.min_cores[b];
    const int highest = b > 0 ? design.min_cores[b - 1] - 1
                              : design.cores * (design.scope == BinScope::pair ? 2 : 1);
    const std::string range =
        lowest == highest ? fmt::format("{}", lowest) : fmt::format("{} to {}", lowest, highest);
    fmt::print("    {:<18}{:>7.2f} %{:>17.1f}   {:.2f} %\n", range, 100 * found.fractions[b],
               found.fractions[b] * found.exact.count, 100 * at_least);
  }
}

void write_svg(const std::string& path, const Question& asked, const Answer& found) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << wafer_map_svg(asked.map, found.exact);
  file.close();
  if (!file) throw IoError(fmt::format("cannot write {}", escaped(path)));
}

}  // namespace

int die_command(const Arguments& arguments) {
  Options options("fabcast die [OPTIONS]",
                  "Gross dies per wafer, the wafer map, yield by every model, bins of partly good "
                  "dies. Numbers may bear units; bare ones are in mm, mm2 and /cm2.",
                  "fabcast die --width 21.32mm --height 31.22mm --d0 0.18 --cores 25 --uncore 30%");
  namespace po = boost::program_options;
  const auto text = [] { return po::value<std::string>(); };
  options.add().add_options()("width", text(), "die width, e.g. 21.32mm")(
      "height", text(), "die height")("area", text(),
                                      "die area, where width and height are unknown")(
      "wafer", text(), "wafer diameter (300 mm)")("edge", text(), "edge exclusion (3 mm)")(
      "scribe", text(), "scribe width (0.1 mm)")(
      "notch", text(), "depth of the band at the wafer's bottom kept free for the notch (0 mm)")(
      "reticle", "step whole 26 mm x 33 mm fields and count the exposures")(
      "no-reticle", "count dies that are larger than a field, too")(
      "d0", text(), "defect density (0.1 per cm2); per critical layer for Bose-Einstein")(
      "alpha", text(), "clustering of defects in the negative binomial (2)")(
      "layers", text(), "critical layers of Bose-Einstein (10); 0.01 and more")(
      "cores", text(), "identical cores on the die")("core-area", text(),
                                                     "area of one core, e.g. 12mm2")(
      "uncore", text(), "share of the die outside the cores, e.g. 30%")(
      "min-cores", text(), "fewest good cores of each bin, e.g. 25,20 (each count to half)")(
      "pair", "bins count the good cores of two dies of a package together")(
      "model", text(), "yield model of the bins (negative_binomial)")(
      "svg", text(), "write the wafer map to this file")(
      "json",
      "print one object for programs; of each bin, `fraction` is the share of dies in this bin "
      "alone, `at_least` the share in this bin or a better one");
  if (!options.parse(arguments)) return 0;

  const Question asked = read_question(options);
  const Answer found = answer(asked);
  if (options.has("svg")) write_svg(options.get<std::string>("svg"), asked, found);
  if (options.has("json")) {
    print_json(asked, found);
    return 0;
  }
  print_wafer(asked, found);
  print_yield(asked, found);
  if (asked.bins) print_bins(asked, found);
  return 0;
}

}  // namespace fabcast::cli
