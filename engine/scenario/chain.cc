#include "scenario/chain.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "scenario/names.h"
#include "scenario/read_file.h"

namespace fabcast {

namespace {

/// Reads a file and those that it extends.
class ChainReader {
 public:
  explicit ChainReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// `folder`: where `extends` looks first, empty for a text in memory.
  ChainFiles read(const std::string& shown, FileText file, std::string folder);
  /// Files in memory, base first, where each that extends another has it before it.
  ChainFiles read_stored(const std::vector<std::pair<std::string, std::string>>& stored);

 private:
  void add_text(const std::string& shown, FileText file);
  /// Finds and opens the file that the last read one extends; nothing where it cannot be.
  std::optional<FileText> open_next(const KeyLine& extends, std::string& shown,
                                    std::string& folder);
  void refuse(const KeyLine& extends, Opened why, const std::string& target,
              const std::string& folder);

  Diagnostics& diagnostics_;
  std::vector<ChainFile> chain_;  ///< the file itself first
  std::vector<std::string> identities_;
  bool complete_ = true;
};

/// Merges documents, base first.
class Merger {
 public:
  explicit Merger(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void merge(Document document);
  MergedSections take(std::vector<FileRead> files);

 private:
  /// Where a section says a thing in one way, what files below say in the other way gives way.
  void displace(const DocumentSection& section, const std::vector<KeyLine>& below);
  void take_displaced();
  /// The kind and name of a section are checked, and put right where it is clear what was meant.
  bool check_name(DocumentSection& section);

  Diagnostics& diagnostics_;
  MergedSections merged_;
  bool complete_ = true;
  std::unordered_map<std::string, size_t> section_index_, line_index_;
  std::map<std::string, LeftOut> displaced_;  ///< by full key
};

void ChainReader::add_text(const std::string& shown, FileText file) {
  std::string_view text = file.text;
  // A byte order mark is what some editors put before UTF-8; it says nothing.
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  const bool too_long = lines > most_file_lines;
  const int index = diagnostics_.add_file(shown, too_long ? std::string_view{} : text);
  identities_.push_back(file.identity);
  Document document;
  if (file.opened == Opened::too_large || too_long) {
    diagnostics_.error({index, 0, 0}, "this file is too large",
                       fmt::format("a scenario file has at most {} MiB and {} lines",
                                   most_file_bytes >> 20, most_file_lines));
    complete_ = false;
  } else {
    document = read_document(index, text, diagnostics_);
  }
  chain_.push_back({std::move(document), {shown, std::move(file.text), index}});
}

ChainFiles ChainReader::read(const std::string& shown, FileText file, std::string folder) {
  std::string name = shown;
  std::optional<FileText> next = std::move(file);
  while (next) {
    add_text(name, std::move(*next));
    const std::optional<KeyLine>& extends = chain_.back().document.extends;
    next = extends ? open_next(*extends, name, folder) : std::nullopt;
  }
  std::reverse(chain_.begin(), chain_.end());
  return {std::move(chain_), complete_};
}

ChainFiles ChainReader::read_stored(
    const std::vector<std::pair<std::string, std::string>>& stored) {
  for (auto file = stored.rbegin(); file != stored.rend(); ++file) {
    add_text(file->first, {Opened::good, file->second, {}, {}});
  }
  std::reverse(chain_.begin(), chain_.end());
  return {std::move(chain_), complete_};
}

std::optional<FileText> ChainReader::open_next(const KeyLine& extends, std::string& shown,
                                               std::string& folder) {
  if (extends.broken) {
    complete_ = false;
    return std::nullopt;
  }
  const std::string target = folded(extends.value.text());
  if (chain_.size() == most_files_deep) {
    diagnostics_.error(extends.value_at,
                       fmt::format("'{}' would be file {} of a chain of extends", escaped(target),
                                   most_files_deep + 1),
                       fmt::format("a chain has at most {}", most_files_deep));
    complete_ = false;
    return std::nullopt;
  }
  const std::string library = library_folder();
  std::string found_in = folder;
  FileText file;
  if (!folder.empty()) file = read_beneath(folder, target);
  if (file.opened == Opened::missing && folder != library) {
    FileText shipped = read_beneath(library, target);
    if (shipped.opened != Opened::missing) {
      file = std::move(shipped);
      found_in = library;
    }
  }
  const std::string path = found_in == "." ? target : found_in + "/" + target;
  if (file.opened != Opened::good && file.opened != Opened::too_large) {
    refuse(extends, file.opened, target, folder);
    complete_ = false;
    return std::nullopt;
  }
  const auto before = std::find(identities_.begin(), identities_.end(), file.identity);
  if (before != identities_.end() && !file.identity.empty()) {
    std::string names;
    for (auto read = chain_.begin() + (before - identities_.begin()); read != chain_.end();
         ++read) {
      names += base_name(read->file.path) + " -> ";
    }
    diagnostics_.error(
        extends.value_at,
        fmt::format("these files extend one another in a circle: {}{}", names, base_name(path)),
        "one of them must extend another file or none");
    complete_ = false;
    return std::nullopt;
  }
  shown = path;
  folder = folder_of(path);
  return file;
}

void ChainReader::refuse(const KeyLine& extends, Opened why, const std::string& target,
                         const std::string& folder) {
  const std::string name = fmt::format("'{}'", escaped(target));
  const char* const remedy = "extends takes a file beside or beneath this one, or of the library";
  switch (why) {
    case Opened::missing: {
      std::vector<std::string> names = scenario_files(library_folder());
      if (!folder.empty()) {
        const std::vector<std::string> beside = scenario_files(folder);
        names.insert(names.end(), beside.begin(), beside.end());
      }
      const std::string near = suggestion(target, {names.begin(), names.end()});
      diagnostics_.error(extends.value_at, fmt::format("there is no file {}", name),
                         near.empty() ? remedy : near);
      break;
    }
    case Opened::outside:
      diagnostics_.error(extends.value_at, fmt::format("{} lies outside this file's folder", name),
                         remedy);
      break;
    case Opened::link:
      diagnostics_.error(extends.value_at, fmt::format("{} is or passes a symbolic link", name),
                         "name the file itself");
      break;
    case Opened::not_regular:
      diagnostics_.error(extends.value_at, fmt::format("{} is not a regular file", name), remedy);
      break;
    default:
      diagnostics_.error(extends.value_at, fmt::format("{} cannot be read", name),
                         "see its permissions");
      break;
  }
}

bool Merger::check_name(DocumentSection& section) {
  const SectionRow* row = find_section(section.kind);
  if (!row && !is_special_kind(section.kind)) {
    const std::vector<std::string_view> kinds = section_kinds();
    const std::string near(nearest_name(section.kind, kinds));
    diagnostics_.error(
        section.at, fmt::format("unknown section '[{}]'", escaped(section.name())),
        near.empty() ? "`fabcast list keys` shows the sections that there are"
                     : fmt::format("did you mean '[{}{}{}]'?", near,
                                   section.entity.empty() ? "" : ".", escaped(section.entity)));
    if (near.empty()) return false;
    // The rest is checked as what was meant, so that one slip is one mistake.
    section.kind = near;
    row = find_section(near);
  }
  std::string form;
  const char* marks = "each part a letter or digit first, then letters, digits, '_', '+', '-'";
  if (row) {
    form = section_form(*row);
    const auto parts = static_cast<long>(
        section.entity.empty() ? 0
                               : std::count(section.entity.begin(), section.entity.end(), '.') + 1);
    bool good = parts == row->parts;
    for (std::string_view rest = section.entity; good && !rest.empty();) {
      const size_t dot = rest.find('.');
      good = is_name(rest.substr(0, dot));
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
    }
    if (good) return true;
  } else if (section.kind == "source") {
    form = "[source.ID]";
    marks = "a letter or digit first, then letters, digits, '.', '_', '-'";
    if (is_source_id(section.entity)) return true;
  } else if (section.kind == "view") {
    form = "[view] or [view.NAME]";
    if (section.entity.empty() || is_name(section.entity)) return true;
  } else {
    form = fmt::format("[{}]", section.kind);
    if (section.entity.empty()) return true;
  }
  diagnostics_.error(section.at,
                     fmt::format("[{}] is not a name for this section", escaped(section.name())),
                     fmt::format("write {}, {}", form, marks));
  return complete_ = false;
}

void Merger::merge(Document document) {
  complete_ = complete_ && document.complete;
  for (DocumentSection& section : document.sections) {
    if (!check_name(section)) continue;
    const std::string name = section.name();
    const auto [known, is_new] = section_index_.try_emplace(name, merged_.sections.size());
    if (is_new && merged_.sections.size() == most_sections) {
      diagnostics_.error(section.at, "this section is one too many",
                         fmt::format("a scenario has at most {}", most_sections));
      section_index_.erase(known);
      complete_ = false;
      return;
    }
    if (is_new) merged_.sections.push_back({section.kind, section.entity, section.at, {}});
    std::vector<KeyLine>& lines = merged_.sections[known->second].lines;
    displace(section, lines);
    for (KeyLine& line : section.lines) {
      displaced_.erase(name + "." + line.key);
      const auto [place, first] =
          line_index_.try_emplace(name + " " + line.identity(), lines.size());
      if (first) {
        lines.push_back(std::move(line));
      } else {
        lines[place->second] = std::move(line);
      }
    }
  }
}

void Merger::displace(const DocumentSection& section, const std::vector<KeyLine>& below) {
  const auto named = [](const std::vector<KeyLine>& lines, std::string_view key) {
    const auto line = std::find_if(lines.begin(), lines.end(),
                                   [&](const KeyLine& each) { return each.key == key; });
    return line == lines.end() ? nullptr : &*line;
  };
  for (const Alternatives& ways : alternatives()) {
    if (section.kind != ways.section) continue;
    for (const Alternatives::Way& chosen : ways.ways) {
      const KeyLine* by = nullptr;
      for (const std::string_view key : chosen) by = by ? by : named(section.lines, key);
      if (!by) continue;
      for (const Alternatives::Way& other : ways.ways) {
        if (other.data() == chosen.data()) continue;
        for (const std::string_view key : other) {
          const KeyLine* line = named(below, key);
          if (!line) continue;
          const std::string full_key = fmt::format("{}.{}", section.name(), key);
          displaced_[full_key] = {full_key, line->key_at,
                                  fmt::format("[{}] gives '{}'", section.name(), by->key),
                                  by->key_at};
        }
      }
    }
  }
}

void Merger::take_displaced() {
  for (DocumentSection& section : merged_.sections) {
    std::erase_if(section.lines, [&](const KeyLine& line) {
      return displaced_.contains(section.name() + "." + line.key);
    });
  }
  for (auto& [key, left_out] : displaced_) merged_.left_out.push_back(std::move(left_out));
}

MergedSections Merger::take(std::vector<FileRead> files) {
  take_displaced();
  merged_.files = std::move(files);
  merged_.complete = complete_;
  return std::move(merged_);
}

std::string not_found(const std::string& path) {
  const std::vector<std::string> names = scenario_files(library_folder());
  std::vector<std::string_view> known;
  for (const std::string& name : names) {
    known.push_back(std::string_view(name).substr(0, name.size() - 4));
  }
  const std::string near = suggestion(path, known);
  return fmt::format("there is no file '{}'; {}", escaped(path, 200),
                     near.empty() ? "`fabcast list scenarios` shows the library" : near);
}

}  // namespace

ChainFiles read_chain(std::string path, Diagnostics& diagnostics) {
  FileText file = read_regular_file(path);
  if (file.opened != Opened::good && path.find('/') == std::string::npos) {
    const std::string library = library_folder();
    for (const std::string& name : {path, path + ".scn"}) {
      FileText shipped = read_beneath(library, name);
      if (shipped.opened != Opened::good) continue;
      file = std::move(shipped);
      path = library + "/" + name;
      break;
    }
  }
  switch (file.opened) {
    case Opened::good:
    case Opened::too_large:
      break;
    case Opened::missing:
      throw IoError(not_found(path));
    case Opened::unreadable:
      throw IoError(fmt::format("cannot read '{}': {}", escaped(path, 200), file.reason));
    default:
      throw IoError(fmt::format("'{}' is not a regular file", escaped(path, 200)));
  }
  return ChainReader(diagnostics).read(path, std::move(file), folder_of(path));
}

ChainFiles read_chain_of_text(const std::string& name, const std::string& text,
                              Diagnostics& diagnostics) {
  FileText file;
  file.opened = text.size() > most_file_bytes ? Opened::too_large : Opened::good;
  file.text = text;
  return ChainReader(diagnostics).read(name, std::move(file), {});
}

ChainFiles read_stored_chain(const std::vector<std::pair<std::string, std::string>>& stored,
                             Diagnostics& diagnostics) {
  return ChainReader(diagnostics).read_stored(stored);
}

MergedSections merge_chain(ChainFiles chain, const std::vector<std::string>& sets,
                           Diagnostics& diagnostics) {
  Merger merger(diagnostics);
  std::vector<FileRead> files;
  for (ChainFile& each : chain.files) {
    merger.merge(std::move(each.document));
    files.push_back(std::move(each.file));
  }
  if (!sets.empty()) {
    std::string text;
    for (const std::string& line : sets) {
      text += line;
      std::replace(text.end() - static_cast<long>(line.size()), text.end(), '\n', ' ');
      text += '\n';
    }
    const int index = diagnostics.add_file(set_lines, text);
    merger.merge(read_set_lines(index, sets, diagnostics));
    files.push_back({set_lines, std::move(text), index});
  }
  MergedSections merged = merger.take(std::move(files));
  merged.complete = merged.complete && chain.complete;
  return merged;
}

}  // namespace fabcast
