#include "report/directory.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "base/diagnostics.h"

using namespace fabcast;
namespace fs = std::filesystem;

namespace {

/// A folder of this test's own, removed with what is in it.
struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "fabcast-directory-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path operator/(const std::string& name) const { return path / name; }
};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Every file and folder below, by relative path, with the content of files.
std::map<std::string, std::string> tree(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    out[fs::relative(entry.path(), folder)] = entry.is_regular_file() ? read(entry.path()) : "";
  }
  return out;
}

using Tree = std::map<std::string, std::string>;

/// what() of the Error that `call` throws.
template <class Error, class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  FAIL("nothing was thrown");
  return "";
}

void write_run(const fs::path& path, std::string_view content, bool force = false) {
  ResultDirectory directory(path, force);
  directory.write("summary.csv", content);
  directory.write("run.json", "{}");
  directory.commit();
}

int dead_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  return child;
}

}  // namespace

TEST_CASE("a committed directory holds what was written, and nothing is left beside it") {
  Folder folder;
  const std::string binary("a\0b\nc\xff", 6);
  {
    ResultDirectory directory(folder / "deep/er/résultat 1/", false);
    directory.write("run.json", "{}");
    directory.write("trials.npy", binary);
    directory.write("empty.csv", "");
    CHECK(!fs::exists(folder / "deep/er/résultat 1"));  // not before it is whole
    directory.commit();
  }
  CHECK(tree(folder.path) == Tree{{"deep", ""},
                                  {"deep/er", ""},
                                  {"deep/er/résultat 1", ""},
                                  {"deep/er/résultat 1/run.json", "{}"},
                                  {"deep/er/résultat 1/trials.npy", binary},
                                  {"deep/er/résultat 1/empty.csv", ""}});
}

TEST_CASE("without commit nothing is left, and an old run stays") {
  Folder folder;
  { ResultDirectory(folder / "run", false).write("summary.csv", "half"); }
  CHECK(tree(folder.path).empty());
  write_run(folder / "run", "old");
  const Tree before = tree(folder.path);
  { ResultDirectory(folder / "run", true).write("summary.csv", "half"); }
  CHECK(tree(folder.path) == before);
}

TEST_CASE("without commit folders that were made for it are gone, those of others stay") {
  Folder folder;
  { ResultDirectory directory(folder / "a/b/run", false); }
  CHECK(tree(folder.path).empty());
  CHECK_FALSE(std::filesystem::exists(folder / "a"));
  {
    ResultDirectory directory(folder / "a/b/run", false);
    std::ofstream(folder / "a/other") << "kept";
  }
  CHECK(std::filesystem::exists(folder / "a/other"));
  CHECK_FALSE(std::filesystem::exists(folder / "a/b"));
}

TEST_CASE("a run is replaced with force only, as a whole") {
  Folder folder;
  write_run(folder / "run", "old");
  put(folder / "run/report.html", "old");
  const std::string message =
      message_of<DirectoryHoldsRun>([&] { ResultDirectory(folder / "run", false); });
  CHECK(message.find("--force") != std::string::npos);
  CHECK(message.find((folder / "run").string()) != std::string::npos);
  CHECK(read(folder / "run/summary.csv") == "old");
  write_run(folder / "run", "new", true);
  CHECK(tree(folder.path) == Tree{{"run", ""}, {"run/run.json", "{}"}, {"run/summary.csv", "new"}});
}

TEST_CASE("what is no run of ours is never replaced") {
  Folder folder;
  SUBCASE("other files") { put(folder / "run/thesis.tex", "years of work"); }
  SUBCASE("a run.json among folders") {
    put(folder / "run/run.json", "{}");
    put(folder / "run/src/main.cc", "years of work");
  }
  SUBCASE("a folder named run.json") { put(folder / "run/run.json/thesis.tex", "years of work"); }
  SUBCASE("a file of the user's beside a run") {
    write_run(folder / "run", "old");
    put(folder / "run/notes.txt", "years of work");
  }
  SUBCASE("a run.json beside a link") {
    put(folder / "run/run.json", "{}");
    fs::create_symlink("/", folder / "run/link");
  }
  for (const bool force : {false, true}) {
    const auto message =
        message_of<DirectoryHoldsRun>([&] { ResultDirectory(folder / "run", force); });
    CHECK(message.find("no run") != std::string::npos);
    CHECK(message.find("--out") != std::string::npos);
    CHECK(tree(folder.path).size() >= 2);
  }
}

TEST_CASE("what takes the place of the target during the run is not replaced either") {
  Folder folder;
  SUBCASE("where there was nothing") {
    ResultDirectory directory(folder / "run", false);
    put(folder / "run/thesis.tex", "years of work");
    CHECK_THROWS_AS(directory.commit(), DirectoryHoldsRun);
  }
  SUBCASE("where there was an empty folder") {
    fs::create_directory(folder / "run");
    ResultDirectory directory(folder / "run", true);
    put(folder / "run/thesis.tex", "years of work");
    CHECK_THROWS_AS(directory.commit(), DirectoryHoldsRun);
  }
  SUBCASE("where there was a run") {
    write_run(folder / "run", "old");
    ResultDirectory directory(folder / "run", true);
    fs::remove_all(folder / "run");
    put(folder / "run/thesis.tex", "years of work");
    CHECK_THROWS_AS(directory.commit(), DirectoryHoldsRun);
  }
  SUBCASE("where a run came, without force") {
    ResultDirectory directory(folder / "run", false);
    put(folder / "run/run.json", "another's");
    put(folder / "run/thesis.tex", "years of work");
    CHECK_THROWS_AS(directory.commit(), DirectoryHoldsRun);
  }
  CHECK(read(folder / "run/thesis.tex") == "years of work");
}

TEST_CASE("a target that vanished during the run is made anew") {
  Folder folder;
  write_run(folder / "run", "old");
  {
    ResultDirectory directory(folder / "run", true);
    directory.write("run.json", "new");
    fs::remove_all(folder / "run");
    directory.commit();
  }
  CHECK(tree(folder.path) == Tree{{"run", ""}, {"run/run.json", "new"}});
}

TEST_CASE("an empty directory is taken without force") {
  Folder folder;
  fs::create_directory(folder / "run");
  write_run(folder / "run", "new");
  CHECK(read(folder / "run/summary.csv") == "new");
}

TEST_CASE("two runs do not write one directory at a time") {
  Folder folder;
  {
    ResultDirectory first(folder / "run", false);
    const auto message = message_of<DirectoryInUse>([&] { ResultDirectory(folder / "run", true); });
    CHECK(message.find((folder / "run").string()) != std::string::npos);
    ResultDirectory neighbour(folder / "run2", false);
    first.write("run.json", "{}");
    first.commit();
  }
  CHECK_NOTHROW(ResultDirectory(folder / "run", true));
  put(folder / ".other.lock", "");  // left by a process that was killed: nobody holds it
  CHECK_NOTHROW(ResultDirectory(folder / "other", false));
  CHECK(!fs::exists(folder / ".other.lock"));
}

TEST_CASE("a refused target is not left locked") {
  Folder folder;
  put(folder / "run/thesis.tex", "");
  CHECK_THROWS_AS(ResultDirectory(folder / "run", false), DirectoryHoldsRun);
  CHECK(!fs::exists(folder / ".run.lock"));
  fs::remove(folder / "run/thesis.tex");
  CHECK_NOTHROW(ResultDirectory(folder / "run", false));
}

TEST_CASE("temporaries of dead processes are removed, those of living ones and others' not") {
  Folder folder;
  const auto dead = fmt::format(".run.partial-{}", dead_process());
  const auto alive = fmt::format(".run.partial-{}", getppid());
  const auto mine = fmt::format(".run.partial-{}", getpid());
  const std::vector<std::string> kept{alive, ".run.partial-x", ".run.partial-1x",
                                      fmt::format(".other{}", dead)};
  put(folder / dead / "summary.csv", "half");
  put(folder / mine / "summary.csv", "of an earlier process of this number");
  for (const std::string& name : kept) put(folder / name / "summary.csv", "half");
  write_run(folder / "run", "new");
  CHECK(!fs::exists(folder / dead));
  CHECK(!fs::exists(folder / mine));
  for (const std::string& name : kept) CHECK(fs::exists(folder / name / "summary.csv"));
  CHECK(read(folder / "run/summary.csv") == "new");
}

TEST_CASE("targets that cannot be are refused with the path and the reason") {
  Folder folder;
  put(folder / "file", "text");
  const auto reason = [&](const std::string& path) {
    return message_of<IoError>([&] { ResultDirectory(path, true); });
  };
  CHECK(reason(folder / "file").find("not a directory") != std::string::npos);
  CHECK(reason(folder / "file/run").find("Not a directory") != std::string::npos);
  CHECK(reason(folder / "file/run").find((folder / "file").string()) != std::string::npos);
  CHECK(reason("/proc/no/such/run").find("/proc/no/such") != std::string::npos);
  CHECK(reason(folder / std::string(300, 'x')).find("File name too long") != std::string::npos);
  CHECK(reason("").find("with a name") != std::string::npos);
  CHECK(reason("/").find("with a name") != std::string::npos);
  fs::create_directory(folder / "here");
  const fs::path before = fs::current_path();
  fs::current_path(folder / "here");
  const std::string message = reason(".");
  fs::current_path(before);
  CHECK(message.find("working directory") != std::string::npos);
  fs::create_directory_symlink(folder.path, folder / "link");
  CHECK(reason(folder / "link").find("not a directory") != std::string::npos);
  CHECK(read(folder / "file") == "text");
}

TEST_CASE("a name is written once, control characters in a path do not reach the terminal") {
  Folder folder;
  ResultDirectory directory(folder / "run\x1b[2J", false);
  directory.write("summary.csv", "x");
  const auto message = message_of<IoError>([&] { directory.write("summary.csv", "y"); });
  CHECK(message.find("File exists") != std::string::npos);
  CHECK(message.find('\x1b') == std::string::npos);
}

TEST_CASE("a file over the size limit of the process is an error, the old run stays") {
  Folder folder;
  write_run(folder / "run", "old");
  const Tree before = tree(folder.path);
  struct rlimit limit;
  REQUIRE(getrlimit(RLIMIT_FSIZE, &limit) == 0);
  const auto soft = limit.rlim_cur;
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  limit.rlim_cur = 10000;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  std::string message;
  {
    ResultDirectory directory(folder / "run", true);
    message = message_of<IoError>([&] { directory.write("summary.csv", std::string(20000, 'x')); });
  }
  limit.rlim_cur = soft;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  signal(SIGXFSZ, handler);
  CHECK(message.find("File too large") != std::string::npos);
  CHECK(message.find("summary.csv") != std::string::npos);
  CHECK(tree(folder.path) == before);
}

TEST_CASE("a full disk is an error that names the file, the old run stays") {
  Folder folder;
  const fs::path disk = folder / "disk";
  fs::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    MESSAGE("skipped: mounting a small file system takes root");
    return;
  }
  {
    write_run(disk / "run", "old");
    const Tree before = tree(disk);
    std::optional<ResultDirectory> directory(std::in_place, (disk / "run").string(), true);
    directory->write("binding.csv", "fits");
    const auto message =
        message_of<IoError>([&] { directory->write("summary.csv", std::string(100'000, 'x')); });
    CHECK(message.find("No space left on device") != std::string::npos);
    CHECK(message.find("summary.csv") != std::string::npos);
    directory.reset();
    CHECK(tree(disk) == before);
  }
  umount2(disk.c_str(), MNT_DETACH);
}

TEST_CASE("a folder that may not be written is an error") {
  if (geteuid() == 0) {
    MESSAGE("skipped: root may write anywhere");
    return;
  }
  Folder folder;
  fs::create_directory(folder / "shut");
  fs::permissions(folder / "shut", fs::perms::owner_read | fs::perms::owner_exec);
  const auto message = message_of<IoError>([&] { ResultDirectory(folder / "shut/run", false); });
  CHECK(message.find("Permission denied") != std::string::npos);
}
