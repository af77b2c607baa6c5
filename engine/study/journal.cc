#include "study/journal.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/diagnostics.h"
#include "base/hash.h"
#include "results/json.h"

namespace fabcast {

namespace {

using Json = nlohmann::ordered_json;

constexpr size_t checksum_digits = 16;
constexpr auto flush_every = std::chrono::seconds(2);

/// Checksum, blank, JSON, line end.
std::string line_of(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return sha256(text).substr(0, checksum_digits) + ' ' + text + '\n';
}

/// What a line without its end holds; nothing where it is torn.
std::optional<Json> json_of_line(std::string_view line) {
  if (line.size() <= checksum_digits || line[checksum_digits] != ' ') return std::nullopt;
  const std::string_view text = line.substr(checksum_digits + 1);
  if (sha256(text).substr(0, checksum_digits) != line.substr(0, checksum_digits)) {
    return std::nullopt;
  }
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

Json json_of_rows(const std::vector<std::vector<Cell>>& rows) {
  Json list = Json::array();
  for (const auto& row : rows) {
    Json cells = Json::array();
    for (const Cell& cell : row) cells.push_back(json_of(cell));
    list.push_back(std::move(cells));
  }
  return list;
}

std::vector<std::vector<Cell>> rows_of_json(const Json& list) {
  std::vector<std::vector<Cell>> rows;
  for (const Json& cells : list) {
    std::vector<Cell>& row = rows.emplace_back();
    for (const Json& cell : cells) row.push_back(cell_of(cell));
  }
  return rows;
}

Json json_of_identity(const SweepIdentity& identity) {
  Json parts = Json::array();
  for (const auto& [name, value] : identity.parts) parts.push_back({name, value});
  return {{"fabcast sweep", 1}, {"parts", parts}, {"command", identity.command}};
}

/// What the two differ in: "its seed is 2, not 1".
std::string difference(const Json& json, const SweepIdentity& identity) {
  std::string told;
  const auto add = [&](const std::string& text) { told += (told.empty() ? "" : ", ") + text; };
  std::map<std::string, std::string> there;
  for (const Json& part : json.at("parts")) {
    there[part.at(0).get<std::string>()] = part.at(1).get<std::string>();
  }
  for (const auto& [name, value] : identity.parts) {
    const std::string& other = there[name];
    if (other == value) continue;
    const bool is_hash = value.size() > 20;
    add(is_hash ? fmt::format("its {} differs", name)
                : fmt::format("its {} is {}, not {}", name, escaped(other), value));
  }
  return told;
}

}  // namespace

void PointJournal::fail(const char* doing) const {
  throw IoError(
      fmt::format("cannot {} '{}': {}", doing, escaped(path_, 200), std::strerror(errno)));
}

PointJournal::PointJournal(std::string path, const SweepIdentity& identity, size_t points,
                           bool resume, bool force)
    : path_(std::move(path)) {
  struct stat found;
  const bool exists = lstat(path_.c_str(), &found) == 0 && found.st_size > 0;
  if (exists && !resume && !force) {
    throw DirectoryHoldsRun(fmt::format(
        "'{}' holds the points of a sweep that was interrupted; give --resume to go on with them, "
        "or --force to begin anew",
        escaped(path_, 200)));
  }
  file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file_ < 0) fail("write");
  try {
    if (exists && resume) {
      read(identity, points);
    } else {
      begin(identity);
    }
  } catch (...) {
    close(file_);
    throw;
  }
}

PointJournal::~PointJournal() {
  if (!holds_something_) unlink(path_.c_str());
  close(file_);
}

void PointJournal::begin(const SweepIdentity& identity) {
  if (ftruncate(file_, 0) != 0) fail("write");
  append(line_of(json_of_identity(identity)));
  flush();
}

void PointJournal::read(const SweepIdentity& identity, size_t points) {
  std::string text;
  std::vector<char> part(1 << 20);
  while (true) {
    const ssize_t got = ::read(file_, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read");  // not its end: what follows may be whole
    if (got == 0) break;
    text.append(part.data(), static_cast<size_t>(got));
  }
  size_t good = 0;  // bytes that are whole
  bool is_first = true;
  while (good < text.size()) {
    const size_t end = text.find('\n', good);
    if (end == std::string::npos) break;
    const auto json = json_of_line(std::string_view(text).substr(good, end - good));
    if (!json) break;
    try {
      if (is_first) {
        const std::string differs = difference(*json, identity);
        if (!differs.empty()) {
          throw InputError(fmt::format(
              "'{}' is of another sweep: {}; go on with that one, `{} --resume`, or give --force "
              "without --resume to begin anew, or another --out",
              escaped(path_, 200), differs, escaped(json->at("command").get<std::string>(), 1000)));
        }
        is_first = false;
      } else if (json->contains("trials")) {
        found_ = {json->at("trials").get<uint64_t>(), {}};
        for (const Json& reached : json->at("precision")) {
          found_->reached.push_back(reached_precision_of(reached));
        }
      } else {
        const size_t point = json->at("point").get<size_t>();
        if (point >= points) break;
        done_[point] = {rows_of_json(json->at("statistics")), rows_of_json(json->at("questions")),
                        json->at("warnings").get<std::vector<std::string>>()};
      }
    } catch (const Json::exception&) {
      break;  // whole, and not of this program
    }
    good = end + 1;
  }
  holds_something_ = found_ || !done_.empty();
  if (is_first) {  // torn in its first line: nothing was done
    begin(identity);
  } else if (good < text.size() && ftruncate(file_, static_cast<off_t>(good)) != 0) {
    fail("write");
  }
}

void PointJournal::append(const std::string& line) {
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write");
    rest.remove_prefix(static_cast<size_t>(written));
  }
}

void PointJournal::add(size_t point, const PointRows& rows) {
  append(line_of({{"point", point},
                  {"statistics", json_of_rows(rows.statistics)},
                  {"questions", json_of_rows(rows.questions)},
                  {"warnings", rows.warnings}}));
  holds_something_ = true;
  if (std::chrono::steady_clock::now() - flushed_ > flush_every) flush();
}

void PointJournal::add(const FoundTrials& found) {
  Json reached = Json::array();
  for (const ReachedPrecision& each : found.reached) reached.push_back(json_of(each));
  append(line_of({{"trials", found.trials}, {"precision", reached}}));
  flush();
  found_ = found;
  holds_something_ = true;
}

void PointJournal::flush() {
  if (fdatasync(file_) != 0 && errno != EINVAL) fail("flush");
  flushed_ = std::chrono::steady_clock::now();
}

void PointJournal::remove() {
  holds_something_ = true;  // it is gone
  if (unlink(path_.c_str()) != 0) fail("remove");
}

}  // namespace fabcast
