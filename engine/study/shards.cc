#include "study/shards.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/hash.h"
#include "base/state_stream.h"
#include "base/version.h"
#include "random/streams.h"
#include "scenario/chain.h"
#include "scenario/read_file.h"
#include "study/draw_plan.h"

namespace fabcast {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view first_bytes = "fabcast shard\r\n\x1a";  // no text, and no text mode
constexpr size_t hash_bytes = 64;
constexpr uint64_t format = 4;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class Value>
void pass_optional(StateStream& stream, std::optional<Value>& value) {
  bool is_there = value.has_value();
  stream.pass(is_there);
  if (stream.reads() && is_there) value.emplace();
  if (is_there) stream.pass(*value);
}

/// All of a shard.bin but its first words and its hash.
void pass_shard(StateStream& stream, ShardResult& shard) {
  RunRequest& asked = shard.request;
  Provenance& from = shard.provenance;
  stream.pass(from.version);
  stream.pass(from.stream_version);
  stream.pass(from.sampler);
  stream.pass(from.scenario);
  stream.pass(from.scenario_sha256);
  stream.pass(from.threads);
  stream.pass(from.seconds);
  stream.pass_list(from.files, [&](auto& file) {
    stream.pass(file.first);
    stream.pass(file.second);
  });

  stream.pass(asked.scenario.path);
  stream.pass_list(asked.scenario.sets);
  stream.pass(asked.trials);
  stream.pass(asked.seed);
  asked.sampler = sampler_named(from.sampler).value_or(SamplerKind::philox);
  stream.pass_list(asked.of);
  stream.pass_list(asked.keep);
  stream.pass(asked.keep_inputs);
  stream.pass(asked.by_view);
  auto quantiles = static_cast<uint8_t>(asked.quantiles);
  stream.pass(quantiles);
  asked.quantiles = static_cast<Quantiles>(quantiles);
  if (asked.quantiles > Quantiles::binned) throw DamagedState("no way to find quantiles");
  pass_optional(stream, asked.likeliest);
  if (!asked.shard) asked.shard.emplace();
  stream.pass(asked.shard->index);
  stream.pass(asked.shard->count);
  const auto [index, count] = *asked.shard;
  if (index < 1 || index > count || count > most_shards || from.files.empty()) {
    throw DamagedState("no shard of a run");
  }

  ShardCounts& counts = shard.counts;
  stream.pass(counts.pilot_sha256);
  stream.pass(counts.weights_from);
  stream.pass(counts.likeliest_first);
  stream.pass(counts.likeliest);
  stream.pass(counts.state);
}

std::string path_of(const std::string& directory) {
  return (directory.ends_with('/') ? directory : directory + "/") + shard_file_name;
}

std::string quoted(const std::string& path) { return fmt::format("'{}'", escaped(path, 200)); }

std::string bytes_of(const std::string& path) {
  FileText file = read_regular_file(path, SIZE_MAX);
  if (file.opened == Opened::good) return std::move(file.text);
  const std::string_view why = file.opened == Opened::missing      ? "there is no such file"
                               : file.opened == Opened::unreadable ? std::string_view(file.reason)
                                                                   : "it is no regular file";
  throw IoError(
      fmt::format("cannot read {}: {}; give directories that `fabcast run --shard I/N` wrote",
                  quoted(path), why));
}

[[noreturn]] void damaged(const std::string& path, std::string_view how) {
  throw IoError(fmt::format("{} {}; run this shard again", quoted(path), how));
}

/// A shard that was found, without its counts and files: those are read when they are needed.
struct Found {
  std::string directory;
  ShardResult shard;
  /// What all shards of a run have in common, in words.
  std::vector<std::pair<std::string, std::string>> run;
};

std::vector<std::pair<std::string, std::string>> run_of(const ShardResult& shard) {
  const RunRequest& asked = shard.request;
  const Provenance& from = shard.provenance;
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string("none");
  };
  return {{"version", from.version},
          {"stream version", fmt::format("{}", from.stream_version)},
          {"sampler", from.sampler},
          {"scenario", from.scenario},
          {"scenario text (SHA-256)", from.scenario_sha256.substr(0, 16)},
          {"seed", fmt::format("{}", asked.seed)},
          {"trials", fmt::format("{}", asked.trials)},
          {"number of shards", fmt::format("{}", asked.shard->count)},
          {"added to the headline", fmt::format("{}", fmt::join(asked.of, ","))},
          {"--keep-trials",
           asked.keep.empty() ? "none" : fmt::format("{}", fmt::join(asked.keep, ","))},
          {"--keep-inputs", asked.keep_inputs ? "given" : "not given"},
          {"--by-view", asked.by_view ? "given" : "not given"},
          {"--quantiles", std::string(quantiles_name(asked.quantiles))},
          {"--likeliest", number(asked.likeliest)},
          {"arithmetic (hash of the first trials)",
           shard.counts.pilot_sha256.substr(0, 16) + number(shard.counts.likeliest_first)}};
}

std::string key_of(const Found& found) {
  std::string key;
  for (const auto& [what, value] : found.run) key += value + '\n';
  return key;
}

/// "2, 4 to 7, 9"
std::string ranges_text(const std::vector<uint64_t>& numbers) {
  constexpr size_t most_named = 12;
  std::vector<std::string> parts;
  for (size_t i = 0; i < numbers.size();) {
    size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    parts.push_back(end == i ? fmt::format("{}", numbers[i])
                             : fmt::format("{} to {}", numbers[i], numbers[end]));
    i = end + 1;
  }
  if (parts.size() > most_named) {
    parts.resize(most_named);
    parts.push_back("…");
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// All but the counts of the shards; every file that cannot be read is told at once.
std::vector<Found> find_shards(const std::vector<std::string>& directories) {
  std::vector<Found> found;
  std::string failures;
  for (const std::string& directory : directories) {
    try {
      ShardResult shard = read_shard(directory);
      std::string().swap(shard.counts.state);
      shard.provenance.files = {};
      auto run = run_of(shard);
      found.push_back({directory, std::move(shard), std::move(run)});
    } catch (const IoError& error) {
      failures += (failures.empty() ? "" : "\n") + std::string(error.what());
    }
  }
  if (!failures.empty()) throw IoError(failures);
  return found;
}

/// What is missing, there twice, or of another run than most are; the others by their index.
std::map<uint64_t, const Found*> sorted_shards(const std::vector<Found>& found,
                                               std::string& mistakes) {
  std::unordered_map<std::string, size_t> alike;
  for (const Found& each : found) ++alike[key_of(each)];
  const Found* first = &found[0];
  for (const Found& each : found) {
    if (alike[key_of(each)] > alike[key_of(*first)]) first = &each;
  }
  std::map<uint64_t, const Found*> shards;
  for (const Found& each : found) {
    std::vector<std::string> differences;
    for (size_t i = 0; i < each.run.size(); ++i) {
      const auto& [what, value] = each.run[i];
      // The first trials of another run are others.
      const bool is_consequence = i + 1 == each.run.size() && !differences.empty();
      if (value == first->run[i].second || is_consequence) continue;
      differences.push_back(
          fmt::format("{} {}, not {}", what, escaped(value), escaped(first->run[i].second)));
    }
    if (!differences.empty()) {
      mistakes += fmt::format("{} is of another run than {}: {}\n", quoted(each.directory),
                              quoted(first->directory), fmt::join(differences, "; "));
      continue;
    }
    const auto [before, is_new] = shards.emplace(each.shard.request.shard->index, &each);
    if (!is_new) {
      mistakes += fmt::format("shard {} is there twice: {} and {}; give one of them\n",
                              each.shard.request.shard->text(), quoted(before->second->directory),
                              quoted(each.directory));
    }
  }
  const uint64_t count = first->shard.request.shard->count;
  std::vector<uint64_t> missing;
  for (uint64_t index = 1; index <= count; ++index) {
    if (!shards.contains(index)) missing.push_back(index);
  }
  if (!missing.empty()) {
    const bool is_one = missing.size() == 1;
    mistakes += fmt::format("missing: shard{} {} of {}; run {} as the others, with --shard {}/{}\n",
                            is_one ? "" : "s", ranges_text(missing), count, is_one ? "it" : "them",
                            is_one ? std::to_string(missing[0]) : "I", count);
  }
  return shards;
}

/// Refuses shards whose weights are not those of the whole run, which knows how likely the
/// likeliest of all trials is.
void check_weights(const std::map<uint64_t, const Found*>& shards) {
  double likeliest = -HUGE_VAL;
  for (const auto& [index, found] : shards) {
    likeliest = std::max(likeliest, found->shard.counts.likeliest);
  }
  const ShardCounts& counts = shards.begin()->second->shard.counts;
  const double scale = scale_of_weights(counts.likeliest_first, likeliest);
  if (scale == counts.weights_from) return;
  if (scale == counts.likeliest_first) {
    throw InputError(
        "these shards were run with a --likeliest that the whole run has no need of; run all "
        "shards again without it, then merge");
  }
  throw InputError(fmt::format(
      "the likeliest trial outweighs the first ones, by which each shard scaled its weights: they "
      "were cut; run all shards again with --likeliest={}, then merge",
      likeliest));
}

}  // namespace

ShardResult run_shard(const PreparedScenario& scenario, Progress progress) {
  const auto start = Clock::now();
  const Shard& part = scenario.request.shard.value();
  RunOptions options = scenario.options();
  options.progress = std::move(progress);
  check_memory({scenario.run}, options, part);
  options = with_draw_plan({scenario.run}, options);
  const double planned = seconds_since(start);
  ShardResult result{scenario.request, {}, run_shard(scenario.run, options, part)};
  std::vector<RunOutcome> outcomes(1);
  outcomes[0].trials = options.trials;
  outcomes[0].threads = result.counts.threads;
  outcomes[0].seconds = result.counts.seconds;
  outcomes[0].seconds.draw_plan = planned;
  result.provenance = provenance_of({&scenario}, outcomes, seconds_since(start));
  result.provenance.shard = part.text();
  return result;
}

std::string shard_bytes(ShardResult shard) {
  StateStream stream;
  uint64_t number = format;
  stream.pass(number);
  pass_shard(stream, shard);
  std::string bytes = stream.bytes();
  return std::move(bytes.insert(0, std::string(first_bytes) + sha256(bytes)));
}

ShardResult read_shard(const std::string& directory) {
  const std::string path = path_of(directory);
  const std::string bytes = bytes_of(path);
  const std::string_view all = bytes;
  if (!all.starts_with(first_bytes)) damaged(path, "is no shard of fabcast, or damaged");
  const std::string_view body = all.substr(std::min(all.size(), first_bytes.size() + hash_bytes));
  if (sha256(body) != all.substr(first_bytes.size(), hash_bytes)) damaged(path, "is damaged");
  ShardResult shard;
  uint64_t number = 0;
  try {
    StateStream stream(body);
    stream.pass(number);
    if (number != format) {
      damaged(path,
              fmt::format("is in format {}, which fabcast {} does not read", number, version()));
    }
    pass_shard(stream, shard);
    stream.end();
  } catch (const DamagedState&) {
    damaged(path, "is damaged");
  }
  return shard;
}

RunResult merge_shards(const std::vector<std::string>& directories, const std::string& command,
                       int threads, const Progress& progress, const NextRun& next) {
  const auto start = Clock::now();
  const std::vector<Found> found = find_shards(directories);
  std::string mistakes;
  const std::map<uint64_t, const Found*> shards = sorted_shards(found, mistakes);
  const ShardResult& first = shards.begin()->second->shard;
  if (first.provenance.version != version() || first.provenance.stream_version != stream_version) {
    mistakes += fmt::format("these shards are of fabcast {}, this is {}: merge with that version\n",
                            escaped(first.provenance.version), version());
  }
  if (!mistakes.empty()) throw InputError(mistakes);
  check_weights(shards);

  RunRequest request = first.request;
  request.shard.reset();
  request.threads = threads;
  request.command = command;
  auto files = read_shard(shards.at(1)->directory).provenance.files;
  std::erase_if(files, [](const auto& file) { return file.first == set_lines; });
  const PreparedScenario scenario(request, ScenarioFiles(request.scenario.path, files));
  if (sha256(resolved_text(scenario.spec, scenario.diagnostics)) !=
      first.provenance.scenario_sha256) {
    throw InputError(
        "this fabcast reads the scenario of these shards otherwise than the one that ran them: "
        "merge with that one");
  }
  RunOptions options = scenario.options();
  check_memory({scenario.run}, options);
  if (options.has_exact_quantiles()) {  // which take all trials again, by this program
    options = with_draw_plan({scenario.run}, options);
    if (pilot_sha256(scenario.run, options) != first.counts.pilot_sha256) {
      throw InputError(
          "this program computes other numbers than the one that ran these shards: merge with that "
          "one, or run them with --quantiles binned");
    }
  }
  options.progress = progress;
  options.next_pass = next;
  std::string path;
  const auto state_of = [&](uint64_t index) {
    const Found& of = *shards.at(index);
    path = path_of(of.directory);
    ShardResult again = read_shard(of.directory);
    if (run_of(again) != of.run || again.request.shard != of.shard.request.shard) {
      damaged(path, "was changed while it was merged");
    }
    return std::move(again.counts.state);
  };
  std::vector<RunOutcome> outcomes;
  try {
    outcomes.push_back(merge_shards(scenario.run, options, shards.size(), state_of));
  } catch (const DamagedState&) {
    damaged(path, "holds other counts than its scenario has");
  }
  RunResult result = result_of(scenario, outcomes[0]);

  double seconds = 0;
  for (const auto& [index, each] : shards) {
    seconds += each->shard.provenance.seconds;
    outcomes[0].threads = std::max(outcomes[0].threads, each->shard.provenance.threads);
  }
  result.provenance = provenance_of({&scenario}, outcomes, 0);
  const double merged = seconds_since(start);
  result.provenance.seconds = seconds + merged;
  result.provenance.seconds_by_phase = {{"shards", seconds}, {"merge", merged}};
  return result;
}

}  // namespace fabcast
