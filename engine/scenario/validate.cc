#include "scenario/validate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "scenario/names.h"
#include "scenario/quantity.h"
#include "stages/bin_plan.h"
#include "stages/gross_die.h"

namespace fabcast {

namespace {

constexpr double high_probability = 0.999;

std::string_view bin_name(const Setting& setting) {
  return std::string_view(setting.key).substr(setting.row->name.size() - 1);
}

/// Keys of one section; nothing where a key is absent or its value could not be read.
class Keys {
 public:
  explicit Keys(const Section& section) : section_(section) {}

  bool given(std::string_view key) const { return section_.find(key) != nullptr; }
  /// Written by somebody, not the schema's default.
  bool written(std::string_view key) const {
    const Setting* setting = section_.find(key);
    return setting && !setting->is_default;
  }
  std::optional<double> constant(std::string_view key) const {
    const Value* value = as<Value>(key);
    return value && value->is_constant() ? std::optional(value->constant()) : std::nullopt;
  }
  /// The most that its distributions reach, but for one draw in a thousand.
  std::optional<double> highest(std::string_view key) const {
    const Value* value = as<Value>(key);
    if (!value) return std::nullopt;
    double most = 0;
    for (const ViewPath& path : value->paths) {
      for (const Anchor& anchor : path.anchors) {
        most = std::max(most, anchor.distribution.quantile(high_probability));
      }
    }
    return most;
  }
  std::optional<std::string> word(std::string_view key) const {
    const std::string* text = as<std::string>(key);
    return text ? std::optional(*text) : std::nullopt;
  }
  std::string_view choice(std::string_view key) const {
    const int* index = as<int>(key);
    if (!index) return {};
    return section_.find(key)->row->choices()[static_cast<size_t>(*index)];
  }
  std::vector<std::string> list(std::string_view key) const {
    const auto* names = as<std::vector<std::string>>(key);
    return names ? *names : std::vector<std::string>{};
  }
  std::optional<Month> month(std::string_view key) const {
    const Month* value = as<Month>(key);
    return value ? std::optional(*value) : std::nullopt;
  }
  /// Where its value stands; the section's header where it is absent or a default.
  SourcePosition at(std::string_view key) const {
    const Setting* setting = section_.find(key);
    return setting ? setting->value_at : section_.at;
  }

 private:
  template <class T>
  const T* as(std::string_view key) const {
    const Setting* setting = section_.find(key);
    return setting ? std::get_if<T>(&setting->value) : nullptr;
  }
  const Section& section_;
};

/// A claim on a line that is reserved for another designer.
struct ForeignClaim {
  std::string_view fab, die;
  std::string reserved;                 ///< for whom
  std::optional<std::string> designer;  ///< of the die, where it has one
  SourcePosition reserved_at;
};

std::optional<ForeignClaim> foreign_claim(const Section& claim, const SpecIndex& index) {
  const size_t dot = claim.entity.find('.');
  const Section* fab = index.section("fab", claim.entity.substr(0, dot));
  const Section* die = index.section("die", claim.entity.substr(dot + 1));
  if (!fab || !die) return std::nullopt;
  const auto reserved = Keys(*fab).word("reserved");
  if (!reserved) return std::nullopt;
  const auto designer = Keys(*die).word("designer");
  if (Keys(*die).given("designer") && !designer) return std::nullopt;  // told already
  if (designer == reserved) return std::nullopt;
  return ForeignClaim{fab->entity, die->entity, *reserved, designer, fab->find("reserved")->key_at};
}

/// Where the last file that says anything about a section does so: its first key there.
SourcePosition last_said(const ScenarioSpec& spec, const Section& section) {
  SourcePosition last = section.at;
  for (const Setting& setting : section.settings) {
    if (setting.is_default || spec.rank(setting.key_at.file) <= spec.rank(last.file)) continue;
    last = setting.key_at;
  }
  return last;
}

/// "'width' and 'height'"
std::string quoted_names(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    text += fmt::format("{}'{}'", text.empty() ? "" : " and ", name);
  }
  return text;
}

std::vector<const KeyRow*> missing_keys(const Section& section) {
  std::vector<const KeyRow*> missing;
  for (const KeyRow& row : section.row->keys) {
    if (!row.is_required()) continue;
    // By the row: a misspelt key is there, and has been told.
    const bool given = std::any_of(section.settings.begin(), section.settings.end(),
                                   [&](const Setting& setting) { return setting.row == &row; });
    if (!given) missing.push_back(&row);
  }
  return missing;
}

/// The section of a file below whose name a new one nearly has, "dram.swaysure"; empty where there
/// is none.
std::string older_namesake(const ScenarioSpec& spec, const Section& section) {
  const int rank = spec.rank(section.at.file);
  std::vector<std::string_view> older;
  for (const Section& other : spec.sections) {
    if (other.row != section.row || spec.rank(other.at.file) >= rank) continue;
    older.push_back(other.entity);
  }
  const std::string_view near = nearest_known(section.entity, older);
  return near.empty() ? std::string{} : fmt::format("{}.{}", section.row->name, near);
}

/// "`plan = …`, 0 to 10M wafers/month"
std::string key_to_add(const KeyRow& row) {
  if (row.name == "months") return "`months = 2024-01 .. 2028-12`";
  std::string takes = "a word";
  if (row.is_numeric()) takes = range_text(row);
  if (row.kind == KeyKind::reference) takes = fmt::format("the name of a [{}.NAME]", row.options);
  if (row.kind == KeyKind::list) {
    takes = fmt::format("names of [{}.NAME] with commas between", row.options);
  }
  return fmt::format("`{} = …`, {}", row.name, takes);
}

class Rules {
 public:
  Rules(const ScenarioSpec& spec, const SpecIndex& index, Diagnostics& diagnostics)
      : spec_(spec), index_(index), diagnostics_(diagnostics) {}

  void check() {
    for (const Section& section : spec_.sections) {
      for (const Alternatives& ways : alternatives()) {
        if (section.row->name == ways.section && !is_slip(section)) {
          check_alternatives(section, ways);
        }
      }
    }
    check_events();
    for (const Section* die : spec_.of("die")) check_die(*die);
    for (const Section* claim : spec_.of("claim")) check_claim(*claim);
    check_packaging();
    for (const Section* product : spec_.of("product")) {
      if (!is_slip(*product)) check_product(*product);
    }
    for (const Section* segment : spec_.of("segment")) check_segment(*segment);
    check_families();
  }

 private:
  void error(SourcePosition at, std::string message, std::string remedy) {
    diagnostics_.error(at, std::move(message), std::move(remedy));
  }

  /// Whether check_required took a section's name for a slip: nothing more is said about it.
  bool is_slip(const Section& section) const {
    return !missing_keys(section).empty() && !older_namesake(spec_, section).empty();
  }

  /// All keys of one way to say a thing, and none of the others.
  void check_alternatives(const Section& section, const Alternatives& alternatives) {
    const Keys keys(section);
    const auto first = [&](const Alternatives::Way& way, bool given) {
      const auto found = std::find_if(
          way.begin(), way.end(), [&](std::string_view name) { return keys.given(name) == given; });
      return found == way.end() ? std::string_view{} : *found;
    };
    std::vector<const Alternatives::Way*> chosen;
    std::string either, neither;
    for (const Alternatives::Way& way : alternatives.ways) {
      either += (either.empty() ? "" : ", or ") + quoted_names(way);
      neither += (neither.empty() ? "neither " : " nor ") + quoted_names(way);
      if (!first(way, true).empty()) chosen.push_back(&way);
    }
    if (chosen.empty()) {
      const std::string older_name = older_namesake(spec_, section);
      error(section.at, fmt::format("[{}] has {}", section.name(), neither),
            older_name.empty()
                ? fmt::format("give {}", either)
                : fmt::format("did you mean '{}'? Else give {}", older_name, either));
    } else if (chosen.size() > 1) {
      const std::string_view one = first(*chosen[0], true), other = first(*chosen[1], true);
      const SourcePosition a = keys.at(one), b = keys.at(other);
      error(a.line > b.line ? a : b,
            fmt::format("[{}] has both '{}' and '{}'", section.name(), one, other),
            fmt::format("keep {}", either));
    } else {
      const auto missing = first(*chosen[0], false);
      if (missing.empty()) return;
      error(section.at, fmt::format("[{}] lacks '{}'", section.name(), missing),
            fmt::format("give {}", either));
    }
  }

  /// Each event does something, and can start at all.
  void check_events() {
    for (const Section* event : spec_.of("event")) {
      const bool acts =
          std::any_of(event->settings.begin(), event->settings.end(),
                      [](const Setting& setting) { return setting.row->kind == KeyKind::effects; });
      const std::string& name = event->entity;
      if (!acts && !is_named_by_events(name)) {
        error(event->at, fmt::format("[{}] has no effect", event->name()),
              "add `effect = KEY set|multiply|add|cap|scale VALUE`");
      }
      const Keys keys(*event);
      for (const std::string& excluded : keys.list("excludes")) {
        if (excluded == name) {
          error(keys.at("excludes"), fmt::format("event '{}' excludes itself", name),
                "name other events");
        }
      }
      std::vector<std::string> chain;
      if (requires_itself(name, name, chain)) {
        std::string circle;
        for (const std::string& each : chain) circle += each + " -> ";
        error(
            keys.at("requires"),
            fmt::format("these events require one another, so none can start: {}{}", circle, name),
            "let one of them start without the others");
      }
    }
  }

  /// Whether an event that does nothing serves another one as a condition.
  bool is_named_by_events(const std::string& name) const {
    for (const Section* event : spec_.of("event")) {
      for (const char* key : {"requires", "excludes"}) {
        const std::vector<std::string> names = Keys(*event).list(key);
        if (std::find(names.begin(), names.end(), name) != names.end()) return true;
      }
    }
    return false;
  }

  /// Whether `from` comes back to `name` along what events require; `chain`: the way.
  bool requires_itself(const std::string& name, const std::string& from,
                       std::vector<std::string>& chain) const {
    if (std::find(chain.begin(), chain.end(), from) != chain.end()) return false;
    chain.push_back(from);
    const Section* event = index_.section("event", from);
    for (const std::string& next :
         event ? Keys(*event).list("requires") : std::vector<std::string>{}) {
      if (next == name || requires_itself(name, next, chain)) return true;
    }
    chain.pop_back();
    return false;
  }

  void check_die(const Section& die) {
    const Keys keys(die);
    check_field(keys);
    check_wafer(keys);
    check_bins(die, keys);
  }

  void check_field(const Keys& keys) {
    const auto width = keys.highest("width"), height = keys.highest("height");
    if (!width || !height || fits_reticle_field(*width, *height)) return;
    error(keys.at("width"),
          fmt::format("a die of {}{:.6g} x {:.6g} mm is larger than the reticle field",
                      keys.constant("width") && keys.constant("height") ? "" : "up to ", *width,
                      *height),
          fmt::format("it must fit {} x {} mm, either way round", field_short_mm, field_long_mm));
  }

  void check_wafer(const Keys& keys) {
    const auto wafer = keys.constant("wafer"), edge = keys.constant("edge_exclusion");
    if (!wafer || !edge || *edge < *wafer / 2) return;
    error(keys.at("edge_exclusion"), "the edge exclusion leaves nothing of the wafer",
          fmt::format("give less than half the diameter, {:.6g} mm", *wafer / 2));
  }

  void check_bins(const Section& die, const Keys& keys) {
    const auto cores = keys.constant("cores");
    if (!cores) return;
    std::vector<const Setting*> bins;
    std::vector<std::string> names;
    BinDesign design;
    design.cores = static_cast<int>(*cores);
    design.scope = keys.choice("bin_scope") == "pair" ? BinScope::pair : BinScope::die;
    for (const Setting& bin : die.settings) {
      const Value* value = std::get_if<Value>(&bin.value);
      if (bin.row->kind != KeyKind::group || !value) continue;
      bins.push_back(&bin);
      names.push_back(fmt::format("bin '{}'", bin_name(bin)));
      design.min_cores.push_back(static_cast<int>(value->constant()));
    }
    if (bins.empty()) return;
    for (const BinMistake& mistake : bin_mistakes(design, names)) {
      error(bins[mistake.bin]->value_at, mistake.message, mistake.remedy);
    }
  }

  void check_claim(const Section& claim) {
    const auto foreign = foreign_claim(claim, index_);
    if (!foreign) return;
    const auto& designer = foreign->designer;
    error(last_said(spec_, claim),
          fmt::format("line '{}' is reserved for '{}', and die '{}' is {}", foreign->fab,
                      foreign->reserved, foreign->die,
                      designer ? fmt::format("designed by '{}'", *designer) : "of no designer"),
          "remove the claim, or change 'reserved' or 'designer'");
  }

  /// Lines of one class are one pool, counted in one way.
  void check_packaging() {
    std::unordered_map<std::string, const Section*> first_of_class;
    for (const Section* line : spec_.of("packaging")) {
      const Keys keys(*line);
      const auto pool = keys.word("class");
      if (!pool) {
        every_class_known_ = false;
        continue;
      }
      const auto [first, is_new] = first_of_class.try_emplace(*pool, line);
      classes_.emplace_back(*pool);
      if (is_new || Keys(*first->second).given("wafers") == keys.given("wafers")) continue;
      error(line->at,
            fmt::format("[{}] and [{}] are of class '{}', and one counts packages and the other "
                        "wafers",
                        line->name(), first->second->name(), *pool),
            "give all lines of a class 'capacity', or all 'wafers'");
    }
  }

  void check_product(const Section& product) {
    const Keys keys(product);
    check_route(product, keys);
    const auto stacks = keys.constant("stacks");
    if (keys.given("memory") && stacks == 0.0) {
      error(keys.at("memory"), fmt::format("[{}] has 'memory' but no stacks", product.name()),
            "give 'stacks', or remove 'memory'");
    } else if (!keys.given("memory") && stacks.value_or(0) > 0) {
      error(keys.at("stacks"), fmt::format("[{}] takes stacks of no 'memory'", product.name()),
            "name the stack types in 'memory'");
    }
    const auto io_dies = keys.constant("io_dies");
    if (keys.given("io_die") && io_dies == 0.0) {
      error(keys.at("io_die"), fmt::format("[{}] has an 'io_die' but no io_dies", product.name()),
            "give 'io_dies', or remove 'io_die'");
    } else if (!keys.given("io_die") && io_dies.value_or(0) > 0) {
      error(keys.at("io_dies"), fmt::format("[{}] takes I/O dies of no 'io_die'", product.name()),
            "name the die in 'io_die'");
    }
    check_pairs(product, keys);
    check_class(keys);
    const auto launch = keys.month("launch"), end = keys.month("end");
    if (launch && end && *end < *launch) {
      error(keys.at("end"),
            fmt::format("the last month, {}, lies before the launch, {}", end->text(),
                        launch->text()),
            "write a later month");
    }
  }

  /// A product is made at home from a die, or imported.
  void check_route(const Section& product, const Keys& keys) {
    if (keys.given("die")) {
      // Imports of none are no imports: a scenario printed with its defaults reads back.
      const Setting* imports = product.find("imports");
      const bool unread = imports && std::holds_alternative<std::monostate>(imports->value);
      if (unread || keys.constant("imports") == 0.0) return;
      error(keys.at("imports"), fmt::format("[{}] has a die and imports", product.name()),
            "make the imported part a product of its own, without a die");
    } else if (!keys.written("imports")) {
      error(product.at, fmt::format("[{}] has neither a die nor imports", product.name()),
            "give 'die' for a part made at home, 'imports' for a foreign one");
    }
  }

  /// Bins that count the cores of two dies need two dies.
  void check_pairs(const Section& product, const Keys& keys) {
    const auto die_name = keys.word("die");
    const Section* die = die_name ? index_.section("die", *die_name) : nullptr;
    const auto dies = keys.constant("dies");
    if (!die || !dies || Keys(*die).choice("bin_scope") != "pair" || *dies == 2) return;
    error(keys.at("dies"),
          fmt::format("[{}] has 'dies = {:.6g}' of '{}', whose bins count pairs", product.name(),
                      *dies, *die_name),
          "give 'dies = 2', or let the die have 'bin_scope = die'");
  }

  void check_class(const Keys& keys) {
    const auto pool = keys.word("packaging");
    if (!pool || !every_class_known_) return;
    if (std::find(classes_.begin(), classes_.end(), *pool) != classes_.end()) return;
    const std::string near = suggestion(*pool, {classes_.begin(), classes_.end()});
    error(keys.at("packaging"), fmt::format("no packaging line is of class '{}'", *pool),
          near.empty() ? fmt::format("add a [packaging.NAME] with 'class = {}'", *pool) : near);
  }

  void check_segment(const Section& segment) {
    const Keys keys(segment);
    for (const std::string_view key : {"prefers", "imports"}) {
      const bool home_made = key == "prefers";
      for (const std::string& name : keys.list(key)) {
        const Section* product = index_.section("product", name);
        if (!product || Keys(*product).given("die") == home_made) continue;
        error(keys.at(key),
              fmt::format("product '{}' is {}", name, home_made ? "imported" : "made at home"),
              home_made ? "'prefers' lists products with a die; imported ones stand in 'imports'"
                        : "'imports' lists products without a die; home-made ones stand in "
                          "'prefers'");
      }
    }
  }

  /// A milestone counts the NPUs of a family that products have.
  void check_families() {
    std::vector<std::string> families;
    for (const Section* product : spec_.of("product")) {
      const auto family = Keys(*product).word("family");
      if (!family) return;  // told already; it may be the one that a milestone means
      families.push_back(*family);
    }
    for (const Section* milestone : spec_.of("milestone")) {
      const Keys keys(*milestone);
      const auto family = keys.word("family");
      if (!family || std::find(families.begin(), families.end(), *family) != families.end()) {
        continue;
      }
      const std::string near = suggestion(*family, {families.begin(), families.end()});
      error(keys.at("family"), fmt::format("no product is of family '{}'", *family),
            near.empty() ? "name the 'family' of a product" : near);
    }
  }

  const ScenarioSpec& spec_;
  const SpecIndex& index_;
  Diagnostics& diagnostics_;
  std::vector<std::string> classes_;  ///< of packaging
  bool every_class_known_ = true;     ///< none could not be read
};

}  // namespace

void leave_out_foreign_claims(ScenarioSpec& spec) {
  const SpecIndex index(spec);
  std::vector<std::string> names;
  for (const Section* claim : spec.of("claim")) {
    const auto foreign = foreign_claim(*claim, index);
    if (!foreign || spec.rank(last_said(spec, *claim).file) >= spec.rank(foreign->reserved_at.file))
      continue;
    spec.left_out.push_back(
        {claim->name(), claim->at,
         fmt::format("line '{}' is reserved for '{}'", foreign->fab, foreign->reserved),
         foreign->reserved_at});
    names.push_back(claim->name());
  }
  std::erase_if(spec.sections, [&](const Section& section) {
    return std::find(names.begin(), names.end(), section.name()) != names.end();
  });
}

void check_required(const ScenarioSpec& spec, Diagnostics& diagnostics) {
  for (const Section& section : spec.sections) {
    const std::vector<const KeyRow*> missing = missing_keys(section);
    if (missing.empty()) continue;
    if (section.at.line == 0) {  // [scenario], which nobody wrote
      diagnostics.error(
          {section.at.file, 1, 1}, fmt::format("there is no [{}]", section.name()),
          fmt::format("begin the file with `extends = baseline.scn`, or add [{}] with {}",
                      section.name(), key_to_add(*missing.front())));
      continue;
    }
    const std::string older_name = older_namesake(spec, section);
    std::string names, keys;
    for (const KeyRow* row : missing) {
      names += fmt::format("{}'{}'", names.empty() ? "" : ", ", row->name);
      keys += (keys.empty() ? "" : "; ") + key_to_add(*row);
      if (!older_name.empty()) continue;
      diagnostics.error(section.at, fmt::format("[{}] lacks '{}'", section.name(), row->name),
                        "add " + key_to_add(*row));
    }
    if (older_name.empty()) continue;
    diagnostics.error(section.at, fmt::format("[{}] is new and lacks {}", section.name(), names),
                      fmt::format("did you mean '{}'? Else add {}", older_name, keys));
  }
}

void check_rules(const ScenarioSpec& spec, const SpecIndex& index, Diagnostics& diagnostics) {
  Rules(spec, index, diagnostics).check();
}

}  // namespace fabcast
