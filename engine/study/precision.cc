#include "study/precision.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/diagnostics.h"
#include "base/lanes.h"
#include "report/terminal.h"
#include "run/tables.h"
#include "scenario/document.h"

namespace fabcast {

namespace {

/// So much more than the intervals ask for, as their widths are uncertain themselves: of a median
/// after 65,536 trials by 5 %, hence the number of trials by 10 %.
constexpr double margin = 1.1;
/// A run tells the trials that are needed within a factor that grows with them; more than so many
/// times its own are not run on its word.
constexpr uint64_t most_growth = 16;

constexpr double infinite = std::numeric_limits<double>::infinity();

const OutputVariable& variable_of(const Series& series) {
  return output_variables()[static_cast<size_t>(series.variable)];
}

bool is_year(const Period& period) { return period.last.count - period.first.count == 11; }

/// "p05" of reported_quantiles.
std::string quantile_name(size_t quantile) {
  return fmt::format("p{:02.0f}", 100 * reported_quantiles[quantile]);
}

std::string statistic_names() {
  std::string names = "mean";
  for (size_t q = 0; q < reported_quantiles.size(); ++q) names += ", " + quantile_name(q);
  return names;
}

/// "mean", "p05" or "P5": -1, or the place among reported_quantiles; nothing of any other word.
std::optional<int> statistic_of(std::string_view word) {
  if (word == "mean") return -1;
  for (size_t q = 0; q < reported_quantiles.size(); ++q) {
    std::string name = quantile_name(q);
    std::string asked(word);
    if (asked.starts_with('P')) asked[0] = 'p';
    if (asked == name || (name[1] == '0' && asked == name.erase(1, 1))) return static_cast<int>(q);
  }
  return std::nullopt;
}

/// What `--precision` says.
struct HalfWidth {
  double size = 0;
  bool in_points = false;  ///< "pp"
};

std::optional<HalfWidth> read_half_width(std::string_view text, std::string& mistakes) {
  const std::string_view asked = trimmed(text);
  const auto number = parse_number(asked);
  const std::string_view unit = number ? trimmed(asked.substr(number->length)) : "";
  if (!number || (unit != "%" && unit != "pp")) {
    mistakes += fmt::format(
        "--precision: '{}' is no half width of an interval; write 1% (relative; of a chance in "
        "points), or 0.5pp (points of a chance or a share)\n",
        escaped(text));
    return std::nullopt;
  }
  if (!(number->value > 0) || number->value >= 100) {
    mistakes += fmt::format("--precision: {} is not above 0 and below 100 {}; write 1%\n",
                            escaped(asked), unit);
    return std::nullopt;
  }
  return HalfWidth{number->value / 100, unit == "pp"};
}

/// Reads one text of `--of`. Its place is given with each mistake.
class StatisticReader {
 public:
  StatisticReader(std::span<const Period> periods, std::span<const Series> series,
                  std::span<const QuestionPlan> questions, Diagnostics& diagnostics)
      : periods_(periods), series_(series), questions_(questions), diagnostics_(diagnostics) {}

  /// `file`: of what is wrong with the text; `scenario`: of what is wrong with it in the scenario.
  std::optional<TightStatistic> read(std::string_view text, int line, int file, int scenario) {
    at_ = {file, line, 1};
    scenario_ = scenario;
    const std::vector<Token> words = tokens_of(text);
    if (words.size() == 1) return chance(words[0]);
    if (words.size() < 3 || words.size() > 4) {
      diagnostics_.error(at_, "this names no statistic",
                         "write VARIABLE [ENTITY] PERIOD STATISTIC, e.g. 'npus.shipped ascend "
                         "2027 p50', or the name of a question");
      return std::nullopt;
    }
    const auto statistic = statistic_of(words.back().word);
    if (!statistic) {
      diagnostics_.error(at(words.back()),
                         fmt::format("'{}' is no statistic", escaped(words.back().word)),
                         fmt::format("give one of: {}", statistic_names()));
    }
    const auto period = period_of(words[words.size() - 2]);
    const std::string variable(words[0].word);
    const int found =
        named_series(variable, words.size() == 4 ? std::string(words[1].word) : "",
                     find_variable(variable) ? in_scenario(words[words.size() - 3]) : at(words[0]),
                     series_, diagnostics_);
    if (!statistic || !period || found < 0) return std::nullopt;
    return of_series(static_cast<size_t>(found), *period, *statistic);
  }

  TightStatistic of_series(size_t series, size_t period, int quantile) const {
    TightStatistic statistic;
    statistic.text =
        fmt::format("{} {} {}", series_name(series_[series]), periods_[period].text(),
                    quantile < 0 ? "mean" : quantile_name(static_cast<size_t>(quantile)));
    statistic.unit = variable_of(series_[series]).unit;
    statistic.series = series;
    statistic.period = period;
    statistic.quantile = quantile;
    return statistic;
  }

 private:
  SourcePosition at(const Token& word) const {
    return {at_.file, at_.line, 1 + static_cast<int>(word.offset)};
  }

  SourcePosition in_scenario(const Token& word) const {
    return {scenario_, at_.line, at(word).column};
  }

  std::optional<TightStatistic> chance(const Token& name) {
    std::vector<std::string_view> known;
    for (size_t q = 0; q < questions_.size(); ++q) {
      known.push_back(questions_[q].name);
      if (questions_[q].name != name.word) continue;
      TightStatistic statistic;
      statistic.text = questions_[q].name;
      statistic.question = static_cast<int>(q);
      return statistic;
    }
    const std::string_view near = nearest_name(name.word, known);
    diagnostics_.error(
        in_scenario(name), fmt::format("no question is named '{}'", escaped(name.word)),
        !near.empty()   ? fmt::format("did you mean '{}'?", near)
        : known.empty() ? "the scenario asks none; write VARIABLE [ENTITY] PERIOD STATISTIC"
                        : "questions.csv names them; of a variable write VARIABLE [ENTITY] "
                          "PERIOD STATISTIC");
    return std::nullopt;
  }

  std::optional<size_t> period_of(const Token& word) {
    const auto period = parse_period(word.word);
    const auto found =
        period ? std::find(periods_.begin(), periods_.end(), *period) : periods_.end();
    if (found != periods_.end()) return static_cast<size_t>(found - periods_.begin());
    diagnostics_.error(at(word), fmt::format("'{}' is no reported period", escaped(word.word)),
                       fmt::format("give a year or quarter from {} to {}", periods_.front().text(),
                                   periods_.back().text()));
    return std::nullopt;
  }

  std::span<const Period> periods_;
  std::span<const Series> series_;
  std::span<const QuestionPlan> questions_;
  Diagnostics& diagnostics_;
  SourcePosition at_;
  int scenario_ = -1;
};

/// The last reported year; the last quarter of a run that has no year.
size_t last_year(std::span<const Period> periods) {
  for (size_t p = periods.size(); p-- > 0;) {
    if (is_year(periods[p])) return p;
  }
  return periods.size() - 1;
}

/// More trials may do: it misses, and not for being relative to 0.
bool is_open(const ReachedPrecision& reached) {
  return !reached.met && std::isfinite(reached.half_width);
}

/// Trials that it would take, by what `trials` of them came to.
double trials_needed(const ReachedPrecision& reached, uint64_t trials) {
  const double ratio = reached.half_width / reached.asked;
  double more = ratio * ratio;
  // So few that count tell little of the width: at least as many as tell it.
  if (reached.effective_trials < static_cast<double>(trials)) {
    more = std::max(more, least_effective_trials / std::max(reached.effective_trials, 1.0));
  }
  return margin * more * static_cast<double>(trials);
}

/// A half width as it was asked for: "±1.4 %", "±0.5 points".
std::string width_text(const ReachedPrecision& reached, double width) {
  return fmt::format("{:.3g} {}", 100 * width, reached.is_absolute ? "points" : "%");
}

}  // namespace

bool names_statistic(std::string_view text) {
  const std::vector<Token> words = tokens_of(text);
  if (words.size() == 1) return !find_variable(words[0].word);
  return words.size() >= 3 && statistic_of(words.back().word).has_value();
}

std::vector<TightStatistic> plan_precision(
    const PrecisionRequest& request, const std::string& scenario, std::span<const Period> periods,
    std::span<const Series> series, std::span<const QuestionPlan> questions,
    std::span<const size_t> headline, std::string& mistakes) {
  std::vector<TightStatistic> statistics;
  if (!request.is_asked()) return statistics;
  const auto half_width = read_half_width(request.half_width, mistakes);

  Diagnostics diagnostics;
  std::string lines;
  for (const std::string& text : request.of) lines += text + '\n';
  const int file = diagnostics.add_file("--of", lines);
  // What one scenario lacks another may have.
  const int of_scenario = diagnostics.add_file("--of, in " + escaped(scenario), lines);
  StatisticReader reader(periods, series, questions, diagnostics);
  for (size_t i = 0; i < request.of.size(); ++i) {
    auto statistic = reader.read(request.of[i], static_cast<int>(i) + 1, file, of_scenario);
    if (statistic) statistics.push_back(std::move(*statistic));
  }
  if (request.of.empty()) {
    for (const size_t each : headline) {
      statistics.push_back(reader.of_series(each, last_year(periods), -1));
    }
    if (statistics.empty()) {
      mistakes += "--precision: the scenario has no headline; say of what with --of\n";
    }
  }
  mistakes += diagnostics.text();
  if (!half_width) return statistics;
  for (TightStatistic& statistic : statistics) {
    const bool is_chance = statistic.question >= 0;
    statistic.half_width = half_width->size;
    statistic.is_absolute = is_chance || half_width->in_points;
    if (half_width->in_points && !is_chance && statistic.unit != "share") {
      mistakes += fmt::format(
          "--precision: {} is of chances and shares, and '{}' is in {}; write it as 1%\n",
          escaped(request.half_width), statistic.text, statistic.unit);
    }
  }
  return statistics;
}

std::vector<ReachedPrecision> reached_precision(const std::string& scenario,
                                                std::span<const TightStatistic> statistics,
                                                const RunOutcome& outcome) {
  std::vector<ReachedPrecision> all;
  const bool is_weighted = outcome.all.squares != outcome.all.weight;
  for (const TightStatistic& statistic : statistics) {
    ReachedPrecision reached;
    reached.scenario = scenario;
    reached.of = statistic.text;
    reached.unit = statistic.unit;
    reached.is_absolute = statistic.is_absolute;
    reached.asked = statistic.half_width;
    reached.effective_trials = outcome.effective_trials();
    if (statistic.question >= 0) {
      const auto question = static_cast<size_t>(statistic.question);
      const Share share = share_of(outcome.question_counts[question].hits, outcome.all);
      reached.value = share.estimate;
      reached.low = share.interval.low;
      reached.high = share.interval.high;
    } else {
      const SeriesStatistics& of = outcome.of(statistic.series, statistic.period);
      const double reach = z_of_90_percent.z * of.mean_se;
      const auto q = static_cast<size_t>(statistic.quantile);
      reached.value = statistic.quantile < 0 ? of.mean : of.quantile[q];
      reached.low = statistic.quantile < 0 ? of.mean - reach : of.low[q];
      reached.high = statistic.quantile < 0 ? of.mean + reach : of.high[q];
    }
    // To each side: what is not symmetric is as wide as its wider side.
    const double half = std::max(reached.high - reached.value, reached.value - reached.low);
    reached.half_width = half == 0             ? 0  // certain, of 0 too
                         : reached.is_absolute ? half
                                               : half / std::abs(reached.value);
    reached.met = reached.half_width <= reached.asked &&
                  !(is_weighted && reached.effective_trials < least_effective_trials);
    all.push_back(std::move(reached));
  }
  return all;
}

ScenarioRun only_tight(const ScenarioRun& run, std::span<const TightStatistic> statistics) {
  ScenarioRun only{run.compiled, run.questions, {}, {}, {}, {}};
  for (const TightStatistic& statistic : statistics) {
    if (statistic.question < 0) only.columns.push_back({statistic.series, statistic.period});
  }
  return only;
}

RunOptions only_tight(const RunOptions& options) {
  RunOptions only = options;
  only.detail = Detail::chosen;
  only.by_view = only.distributions = only.keep_predicted = false;
  only.difference_bounds.clear();
  return only;
}

std::vector<ReachedPrecision> run_to_precision(uint64_t most, const PrecisionRun& attempt) {
  uint64_t trials = std::min(least_precise_trials, most);
  bool is_last = trials == most;
  for (;;) {
    std::vector<ReachedPrecision> reached = attempt(trials, is_last);
    double needed = 0;
    for (const ReachedPrecision& each : reached) {
      if (is_open(each)) needed = std::max(needed, trials_needed(each, trials));
    }
    if (needed == 0 || trials == most) {
      if (is_last) return reached;
      is_last = true;  // the same again, with all results
      continue;
    }
    const double reachable = static_cast<double>(std::min(most, most_growth * trials));
    is_last = needed <= reachable || reachable == static_cast<double>(most);
    const auto next = static_cast<uint64_t>(std::min(needed, reachable));
    trials = std::min(most, (next / batch_trials + 1) * batch_trials);
  }
}

std::vector<std::string> precision_warnings(std::span<const ReachedPrecision> reached,
                                            uint64_t trials, uint64_t most) {
  std::vector<const ReachedPrecision*> worst;  // by statistic
  for (const ReachedPrecision& each : reached) {
    if (each.met) continue;
    const auto same = std::find_if(worst.begin(), worst.end(),
                                   [&](const auto* other) { return other->of == each.of; });
    if (same == worst.end()) {
      worst.push_back(&each);
    } else if (!((*same)->half_width >= each.half_width)) {
      *same = &each;
    }
  }
  std::vector<std::string> warnings;
  for (const ReachedPrecision* each : worst) {
    const std::string name = fmt::format("--precision: '{}' of {}", each->of, each->scenario);
    if (std::isnan(each->half_width)) {
      warnings.push_back(name + " is no finite number, and has no precision");
    } else if (std::isinf(each->half_width)) {
      warnings.push_back(fmt::format(
          "{} is 0 (90 % interval {} to {}), and no width is small beside 0: ask for its mean, or "
          "another quantile",
          name, number_text(each->low), number_text(each->high)));
    } else if (each->half_width <= each->asked) {
      warnings.push_back(fmt::format(
          "{}: only {:.0f} of {} trials count, too few to tell; give more --trials than {}", name,
          each->effective_trials, trials, most));
    } else {
      warnings.push_back(fmt::format(
          "{} is within ±{}, not {}, after {} trials, the most (--trials); some {} would do", name,
          width_text(*each, each->half_width), width_text(*each, each->asked), trials,
          short_number(trials_needed(*each, trials))));
    }
  }
  return warnings;
}

}  // namespace fabcast
