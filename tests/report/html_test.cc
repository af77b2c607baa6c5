/// report.html: nothing from a file is markup, nothing but its own script runs, the numbers are
/// those of the tables.

#include "report/html.h"

#include <doctest/doctest.h>

#include <fmt/core.h>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/hash.h"
#include "fabcast.h"
#include "report/page/asset.h"
#include "report/page/markup.h"
#include "report/terminal.h"
#include "study/compare.h"
#include "study/sweep.h"
#include "support/program.h"

using namespace fabcast;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string between(const std::string& text, const std::string& open, const std::string& close) {
  const size_t from = text.find(open);
  REQUIRE(from != std::string::npos);
  const size_t start = from + open.size(), end = text.find(close, start);
  REQUIRE(end != std::string::npos);
  return text.substr(start, end - start);
}

Json data_of(const std::string& page) {
  return Json::parse(between(page, "<script type=\"application/json\" id=\"data\">", "</script>"));
}

/// The page without what the program brings: what is left comes from results.
std::string body_of(const std::string& page) {
  return page.substr(page.find("<body>"),
                     page.find("<script type=\"application/json\"") - page.find("<body>"));
}

/// Names of elements and attributes in their order: what a browser makes of the page, less texts.
std::string skeleton_of(const std::string& html) {
  static const std::regex tag(R"~(<(/?[a-zA-Z][^\s/>]*)((?:\s+[^\s=>]+="[^"]*")*)\s*/?>)~");
  static const std::regex name(R"~(\s([^\s=>]+)=")~");
  std::string skeleton;
  for (std::sregex_iterator match(html.begin(), html.end(), tag), end; match != end; ++match) {
    skeleton += (*match)[1];
    const std::string attributes = (*match)[2];
    for (std::sregex_iterator a(attributes.begin(), attributes.end(), name); a != end; ++a) {
      skeleton += ' ' + (*a)[1].str();
    }
    skeleton += '\n';
  }
  // A bracket that is in no tag is one that was not escaped.
  CHECK(count_of(html, "<") ==
        static_cast<size_t>(std::count(skeleton.begin(), skeleton.end(), '\n')));
  return skeleton;
}

const std::vector<std::string> injections{
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</SCRIPT ><svg onload=alert(1)>",
    "<!--<script>",
    "-->",
    "]]><script>",
    "<img src=x onerror=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" onfocus=\"alert(1)\" autofocus=\"",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "&quot;><b>",
    "<style>*{display:none}</style>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/a.css>",
    "<form action=//evil.example><input name=a>",
    "<a href=javascript:alert(1)>x</a>",
    "\\u003cscript\\u003e",
    "\"}]}</script><script>alert(1)//",
    "${alert(1)}{{alert(1)}}",
    "line\xE2\x80\xA8separator\xE2\x80\xA9paragraph",
    "turned \xE2\x80\xAE around",
    "bad \xFF\xFE utf-8 \xC0\xBC script",
    "nul \x01\x02\x1B[31m",
    "+ADw-script+AD4-",
};

/// A result of every kind of table, small, with `word(n)` in the n-th place where a file's text
/// goes.
RunResult result_with(const std::function<std::string(int)>& word) {
  int n = 0;
  const auto next = [&] { return word(n++); };
  RunResult result;
  const std::string scenario = next(), variable = next(), entity = next(), unit = next();
  result.headline = {{variable, entity}};
  result.headline_products = {next()};
  result.summary.name = "summary";
  for (const char* name : {"scenario", "variable", "entity", "unit", "period", "mean", "p05", "p10",
                           "p25", "p50", "p75", "p90", "p95"}) {
    result.summary.columns.push_back({name, next()});
  }
  for (const char* period : {"2026Q3", "2026Q4", "2026"}) {
    std::vector<Cell> row{scenario, variable, entity, unit, std::string(period)};
    for (int i = 1; i <= 8; ++i) row.emplace_back(1000.0 * i);
    result.summary.rows.push_back(row);
  }
  result.binding = {"binding",
                    {{"scenario", ""},
                     {"kind", ""},
                     {"entity", ""},
                     {"constraint", ""},
                     {"period", ""},
                     {"probability", ""}},
                    {}};
  const std::string first = next(), second = next();
  for (const std::string period : {"2026-11", "2026-12", "2026"}) {
    for (const std::string& constraint : {first, second}) {
      result.binding.rows.push_back(
          {scenario, std::string("product"), result.headline_products[0], constraint, period, 0.5});
    }
  }
  result.questions.name = "questions";
  std::vector<Cell> question;
  const auto add = [&](const std::string& name, Cell cell) {
    result.questions.columns.push_back({name, ""});
    question.push_back(std::move(cell));
  };
  const std::string asked = next();
  add("scenario", scenario);
  add("question", asked);
  add("text", next());
  add("estimate", 0.25);
  add("lo", 0.2);
  add("hi", 0.3);
  for (const char* month : {"first_p05", "first_p50", "first_p95"})
    add(month, std::string("2026-12"));
  add("variable", variable);
  add("entity", entity);
  add("comparison", next());
  add("threshold", 4000.0);
  add("unit", unit);
  add("time", std::string("by"));
  add("from", std::string("2026-01"));
  add("to", std::string("2026-12"));
  add("given " + next(), 0.5);
  result.questions.rows.push_back(question);
  result.crossings = {"crossings",
                      {{"scenario", ""},
                       {"question", ""},
                       {"month", ""},
                       {"cumulative", ""},
                       {"lo", ""},
                       {"hi", ""}},
                      {{scenario, asked, std::string("2026-12"), 0.25, 0.2, 0.3}}};
  result.exceedance = {"exceedance",
                       {{"scenario", ""},
                        {"variable", ""},
                        {"entity", ""},
                        {"period", ""},
                        {"probability", ""},
                        {"value", ""}},
                       {{scenario, variable, entity, std::string("2026"), 0.01, 9000.0},
                        {scenario, variable, entity, std::string("2026"), 0.5, 4000.0}}};
  const std::string source = next();
  result.inputs = {"inputs",
                   {{"scenario", ""},
                    {"key", ""},
                    {"value", ""},
                    {"unit", ""},
                    {"source", ""},
                    {"set_at", ""},
                    {"rank_correlation " + variable + " " + entity, next()}},
                   {{scenario, next(), next(), unit, std::string("known"), next(), -0.5}}};
  result.sources = {"sources",
                    {{"source", ""},
                     {"title", ""},
                     {"publisher", ""},
                     {"date", ""},
                     {"url", ""},
                     {"note", ""},
                     {"trust", ""}},
                    {{source, next(), next(), next(), std::string(), next(), next()}}};
  result.further.push_back({next(), {{next(), next()}}, {{next()}}});
  result.further.push_back(
      {"sweep",
       {{next(), next()},
        {"scenario", ""},
        {"variable", ""},
        {"entity", ""},
        {"unit", ""},
        {"period", ""},
        {"p05", ""},
        {"p50", ""},
        {"p95", ""}},
       {{next(), scenario, variable, entity, unit, std::string("2026"), 1.0, 2.0, 3.0},
        {next(), scenario, variable, entity, unit, std::string("2026"), 2.0, 3.0, 4.0}}});
  result.warnings = {next()};
  result.views = {{next(), next(), 0.5, 0.5}};
  result.wafers = {{scenario, next(), 20, 20, true}};
  Provenance& from = result.provenance;
  from.version = next();
  from.build = next();
  from.command = next();
  from.scenario = scenario;
  from.title = next();
  from.first_month = "2026-01";
  from.last_month = "2026-12";
  from.files = {{next(), next()}};
  from.scenario_sha256 = next();
  from.variables = {{next(), next(), next()}};
  return result;
}

/// The baseline, once.
const RunResult& baseline() {
  static const RunResult result = [] {
    RunRequest request;
    request.scenario.path = std::string(FABCAST_SOURCE_FOLDER "/scenarios/baseline.scn");
    request.trials = 1000;
    return run(request);
  }();
  return result;
}

/// A chart's number: that of a table to five digits, null where that is none.
bool is_number_of(const Json& drawn, double value) {
  if (!std::isfinite(value)) return drawn.is_null();
  return drawn.is_number() && std::abs(drawn.get<double>() - value) <= 6e-5 * std::abs(value);
}

bool are_numbers_of(const Json& drawn, const std::vector<double>& values) {
  if (drawn.size() != values.size()) return false;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!is_number_of(drawn[i], values[i])) return false;
  }
  return true;
}

/// Picked of a table in which columns hold texts.
class Picked {
 public:
  explicit Picked(const Table& table) : table_(table) {
    for (const auto& row : table.rows) rows_.push_back(&row);
  }
  Picked with(const std::string& column, const std::string& text) const {
    Picked some = *this;
    std::erase_if(some.rows_,
                  [&](const auto* row) { return text_in((*row)[table_.column(column)]) != text; });
    return some;
  }
  Picked of(const std::pair<std::string, std::string>& series) const {
    return with("variable", series.first).with("entity", series.second);
  }
  /// With periods, or months, as long as this one: "2026", "2026Q1", "2026-01".
  Picked like(const std::string& period, const std::string& column = "period") const {
    Picked some = *this;
    std::erase_if(some.rows_, [&](const auto* row) {
      return text_in((*row)[table_.column(column)]).size() != period.size();
    });
    return some;
  }
  size_t size() const { return rows_.size(); }
  std::vector<double> numbers(const std::string& column) const {
    std::vector<double> all;
    for (const auto* row : rows_) all.push_back(number_in((*row)[table_.column(column)]));
    return all;
  }
  std::vector<std::string> texts(const std::string& column) const {
    std::vector<std::string> all;
    for (const auto* row : rows_) all.push_back(text_in((*row)[table_.column(column)]));
    return all;
  }
  double number(const std::string& column) const {
    REQUIRE(size() == 1);
    return numbers(column)[0];
  }

 private:
  const Table& table_;
  std::vector<const std::vector<Cell>*> rows_;
};

const Table& further(const RunResult& result, const std::string& name) {
  for (const Table& table : result.further) {
    if (table.name == name) return table;
  }
  throw std::out_of_range(name);
}

/// hand.scn with uncertainty and counts observed, and a variant.
struct Pair {
  testing::TemporaryFolder folder;
  std::vector<std::string> paths;
  Pair() {
    folder.write("hand.scn", testing::read_text(testing::hand_scenario()));
    paths = {folder.write("one.scn",
                          "extends = hand.scn\n[packaging.hall]\ncapacity = 1k to 2k "
                          "packages/month\n[observe]\nnpus.shipped national 2025Q3 = 4k npus +- 30 "
                          "%\nwafer.starts SN2 2025 = 9k wafers +- 20 %\n"),
             folder.write("two.scn",
                          "extends = one.scn\n[event.e]\nprobability = 60 % at 2025-06\n"
                          "effect = packaging.hall.capacity multiply 0.5\n")};
  }
  RunRequest request() const {
    RunRequest request;
    request.scenario.path = paths[0];
    request.trials = 300;
    request.threads = 1;
    return request;
  }
};

}  // namespace

TEST_CASE("the page: what comes from a file is text, wherever it stands") {
  const std::string plain =
      report_html(result_with([](int n) { return "word" + std::to_string(n); }));
  const std::string expected = skeleton_of(body_of(plain));
  CHECK(count_of(expected, "\n") > 300);
  CHECK(count_of(plain, "word") > 60);
  CHECK(injections.size() >= 30);
  CHECK(page::text("&lt; & < > \" '").html() == "&amp;lt; &amp; &lt; &gt; &quot; &#39;");
  for (const std::string& injection : injections) {
    CAPTURE(injection);
    const std::string page =
        report_html(result_with([&](int n) { return injection + "~" + std::to_string(n); }));
    CHECK((skeleton_of(body_of(page)) == expected));
    CHECK(page.substr(0, page.find("<title>")) == plain.substr(0, plain.find("<title>")));
    CHECK(count_of(between(page, "<title>", "</title>"), "<") == 0);
    // The data are one block of JSON with all charts in it.
    CHECK(data_of(page).size() == data_of(plain).size());
    const std::string block =
        between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
    CHECK(block.find_first_of("<>&") == std::string::npos);
    CHECK(page.find("\xE2\x80\xAE") == std::string::npos);
    const std::string links = body_of(page);
    const std::regex href(R"~(href="([^"]*)")~");
    for (std::sregex_iterator match(links.begin(), links.end(), href), end; match != end; ++match) {
      CHECK((*match)[1].str().starts_with("#"));
    }
  }
}

TEST_CASE(
    "the page: addresses are linked where they are http, https or a bare host, and in no other "
    "case") {
  using page::address_of;
  CHECK(address_of("https://example.org/a?b=c#d") == "https://example.org/a?b=c#d");
  CHECK(address_of("http://example.org") == "http://example.org");
  CHECK(address_of("udn.com/news/story/7333") == "https://udn.com/news/story/7333");
  CHECK(address_of("example.org") == "https://example.org");
  for (const char* not_one :
       {"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://example.org",
        "//example.org", "https://", "https://x", "report", "v1.5", "a b.com", "x.com\"onclick=1",
        "https://user@evil.com", "http:example.org", "example.org:80", "https://exa<mple.org",
        ""}) {
    CAPTURE(not_one);
    CHECK(address_of(not_one) == "");
  }
}

TEST_CASE(
    "the page: its policy names the script and the style that it has, and nothing else may run") {
  CHECK(page::policy_hash("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
  CHECK(page::policy_hash("abc") == "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
  const std::string html = report_html(result_with([](int) { return "word"; }));
  const std::string policy =
      between(html, "<meta http-equiv=\"Content-Security-Policy\" content=\"", "\">");
  CHECK(policy.starts_with("default-src &#39;none&#39;;") == false);  // it stands in double quotes
  CHECK(policy.starts_with("default-src 'none'; script-src 'sha256-"));
  CHECK(testing::has(policy, page::policy_hash(between(html, "<style>", "</style>"))));
  CHECK(testing::has(policy, page::policy_hash(between(html, "<script>", "</script>"))));
  CHECK(policy == "default-src 'none'; script-src " +
                      page::policy_hash(between(html, "<script>", "</script>")) + "; style-src " +
                      page::policy_hash(between(html, "<style>", "</style>")) +
                      "; base-uri 'none'; form-action 'none'");
  // Nothing is fetched: no link, no image, no script of another file.
  const size_t start = html.find("<html");
  CHECK(skeleton_of(html.substr(start, html.find("<style>") - start)) ==
        "html lang\nhead\nmeta charset\nmeta http-equiv content\nmeta name content\n"
        "meta name content\nmeta name content\ntitle\n/title\n");
  CHECK(!std::regex_search(body_of(html), std::regex(" (src|srcset|poster|xlink:href)=")));
  CHECK(count_of(html, "<script") == 2 + count_of(std::string(page::script), "<script"));
  CHECK(count_of(body_of(html), " style=") == 0);
  CHECK(!std::regex_search(skeleton_of(body_of(html)), std::regex(" on[a-z]+")));
}

TEST_CASE(
    "the page of the baseline: under 2 MiB, the same bytes wherever it was run, its headline is "
    "the table's") {
  RunResult result = baseline();
  const std::string html = report_html(result);
  CHECK(html.size() < 2u << 20);
  CHECK(html.size() > 400'000);
  result.provenance.threads = 7;
  result.provenance.seconds = 1234;
  result.provenance.host_cpu = "another";
  result.provenance.seconds_by_phase = {{"main", 1}};
  CHECK((report_html(result) == html));

  // Each median and its interval, by year, as they stand in the first table.
  const std::string table = between(html, "<table class=\"headline\">", "</table>");
  const Table& summary = result.summary;
  size_t at = 0, cells = 0;
  for (const auto& [variable, entity] : result.headline) {
    for (const auto& row : summary.rows) {
      if (text_in(row[summary.column("variable")]) != variable ||
          text_in(row[summary.column("entity")]) != entity ||
          text_in(row[summary.column("period")]).size() != 4) {
        continue;
      }
      const bool share = text_in(row[summary.column("unit")]) == "share";
      const auto shown = [&](const char* column) {
        const double value = number_in(row[summary.column(column)]);
        std::string text = share ? fmt::format("{:.1f} %", 100 * value) : short_number(value);
        return text.starts_with('-') ? "−" + text.substr(1) : text;
      };
      const std::string low = shown("p05"), high = shown("p95");
      const std::string cell =
          "<td><b>" + shown("p50") + "</b> <span>" +
          (low != high                                 ? low + " to " + high
           : number_in(row[summary.column("sd")]) == 0 ? "in all trials"
                                                       : "in 9 of 10 trials or more") +
          "</span></td>";
      CAPTURE(cell);
      at = table.find(cell, at);
      REQUIRE(at != std::string::npos);
      ++at, ++cells;
    }
  }
  CHECK(cells == 5 * result.headline.size());
  CHECK(count_of(table, "<td>") == cells);

  // Charts have what the tables have, to five digits.
  const Json fan = data_of(html)["fan"][0]["scenarios"][0];
  size_t quarters = 0;
  for (const auto& row : summary.rows) {
    const std::string& period = text_in(row[summary.column("period")]);
    if (text_in(row[summary.column("variable")]) != result.headline[0].first ||
        text_in(row[summary.column("entity")]) != result.headline[0].second || period.size() != 6) {
      continue;
    }
    CHECK(fan["periods"][quarters] == period);
    CHECK(fan["p95"][quarters].get<double>() ==
          doctest::Approx(number_in(row[summary.column("p95")])).epsilon(1e-4));
    ++quarters;
  }
  CHECK(quarters == 20);
  CHECK(fan["p50"].size() == 20);
  for (const char* kind : {"fan", "binding", "exceedance", "dates", "crossing", "tornado"}) {
    CAPTURE(kind);
    CHECK(data_of(html)[kind].size() > 0);
  }
  // A table stands behind each chart: the page can be read without its script.
  const std::string body = body_of(html);
  CHECK(count_of(body, "<figure data-chart") == count_of(body, "<details><summary>Data</summary>"));
  CHECK(std::regex_search(body, std::regex("ascend950: 1[12][0-9] dies of 21\\.[0-9]+ mm")));
  CHECK(count_of(body, "<rect class=\"die\"") > 100);
}

TEST_CASE("the page: charts of a run have the numbers of its tables") {
  const RunResult& result = baseline();
  const std::string html = report_html(result);
  const Json data = data_of(html);
  constexpr std::array quantiles{"p05", "p10", "p25", "p50", "p75", "p90", "p95"};
  REQUIRE(data["fan"].size() >= result.headline.size());
  for (size_t i = 0; i < result.headline.size(); ++i) {
    CAPTURE(result.headline[i].first);
    const Picked quarters = Picked(result.summary).of(result.headline[i]).like("2026Q1");
    const Json& fan = data["fan"][i]["scenarios"][0];
    CHECK(fan["periods"] == Json(quarters.texts("period")));
    for (const char* q : quantiles) CHECK(are_numbers_of(fan[q], quarters.numbers(q)));
  }

  const Picked exceedance(result.exceedance);
  size_t drawn = 0;
  for (const auto& series : result.headline) {
    const auto values = exceedance.of(series).numbers("value");
    if (std::all_of(values.begin(), values.end(), [](double value) { return value == 0; }))
      continue;
    const Json& figure = data["exceedance"][drawn++];
    CHECK(figure["curves"].size() > 0);
    for (const Json& curve : figure["curves"]) {
      const Picked rows = exceedance.of(series).with("period", curve["year"]);
      CHECK(are_numbers_of(curve["chances"], rows.numbers("probability")));
      CHECK(are_numbers_of(curve["values"], rows.numbers("value")));
    }
    for (const Json& mark : figure["marks"]) {
      const Picked asked = Picked(result.questions).of(series);
      const auto thresholds = asked.numbers("threshold"), chances = asked.numbers("estimate");
      bool found = false;
      for (size_t q = 0; q < asked.size(); ++q) {
        found |= is_number_of(mark["threshold"], thresholds[q]) &&
                 is_number_of(mark["chance"], chances[q]);
      }
      CHECK_MESSAGE(found, mark.dump());
    }
  }
  CHECK(drawn == data["exceedance"].size());
  CHECK(drawn >= 2);

  const Picked binding(result.binding);
  for (const Json& figure : data["binding"]) {
    const Json& bound = figure["scenarios"][0];
    CAPTURE(figure["label"].dump());
    for (size_t c = 0; c < bound["constraints"].size(); ++c) {
      const Picked rows = binding.with("entity", figure["label"])
                              .with("constraint", bound["constraints"][c])
                              .like("2026-01");
      for (size_t m = 0; m < bound["periods"].size(); ++m) {
        const auto share = rows.with("period", bound["periods"][m]).numbers("probability");
        REQUIRE(is_number_of(bound["shares"][c][m], share.empty() ? 0 : share[0]));
      }
    }
  }

  const Picked questions(result.questions), crossings(result.crossings);
  size_t dates = 0;
  for (const Json& row : data["dates"][0]["rows"]) {
    dates += Picked(result.questions)
                 .with("first_p05", row["p05"])
                 .with("first_p50", row["p50"])
                 .with("first_p95", row["p95"])
                 .size() > 0;
  }
  CHECK(dates == data["dates"][0]["rows"].size());
  size_t lines = 0;
  for (const Json& figure : data["crossing"]) {
    for (const Json& line : figure["lines"]) {
      bool found = false;
      for (const std::string& name : questions.texts("question")) {
        const Picked rows = crossings.with("question", name).like("2026-01", "month");
        found = found || (are_numbers_of(line["cumulative"], rows.numbers("cumulative")) &&
                          are_numbers_of(line["lo"], rows.numbers("lo")) &&
                          are_numbers_of(line["hi"], rows.numbers("hi")) &&
                          line["months"] == Json(rows.texts("month")));
      }
      CHECK_MESSAGE(found, line["label"].dump());
      ++lines;
    }
  }
  CHECK(lines >= 3);

  size_t tornados = 0;
  for (const Column& column : result.inputs.columns) {
    if (!column.name.starts_with("rank_correlation ")) continue;
    for (const Json& row : data["tornado"][tornados]["rows"]) {
      CAPTURE(row["key"].dump());
      CHECK(is_number_of(row["correlation"],
                         Picked(result.inputs).with("key", row["key"]).number(column.name)));
    }
    ++tornados;
  }
  CHECK(tornados == data["tornado"].size());

  // Chances, their bars and intervals, in whatever order.
  std::multiset<std::string> expected, shown;
  for (const auto& row : result.questions.rows) {
    const auto number = [&](const char* name) {
      return number_in(row[result.questions.column(name)]);
    };
    const double chance = number("estimate");
    expected.insert(fmt::format("{} {:.1f} {:.1f} {:.1f}",
                                chance > 0 && chance < 0.0005 ? "&lt; 0.1 %"
                                : chance < 1 && chance > 0.9995
                                    ? "&gt; 99.9 %"
                                    : fmt::format("{:.1f} %", 100 * chance),
                                100 * chance, 100 * number("lo"), 100 * number("hi")));
  }
  const std::string table = between(html, "<table class=\"questions\">", "</table>");
  const std::regex cells(
      R"~(<b>([^<]*)</b></td><td><svg[^>]*><rect[^>]*/><rect class="share"[^>]*width="([0-9.]+)"[^>]*/><path[^>]*/></svg></td><td class="n">([0-9.]+) to ([0-9.]+) %</td>)~");
  for (std::sregex_iterator match(table.begin(), table.end(), cells), end; match != end; ++match) {
    shown.insert(fmt::format("{} {} {} {}", (*match)[1].str(), (*match)[2].str(), (*match)[3].str(),
                             (*match)[4].str()));
  }
  CHECK(shown == expected);
}

TEST_CASE("the page: charts of a comparison, of observations and of a sweep have their tables'") {
  const Pair pair;
  const RunResult observed = run(pair.request());
  const Json seen = data_of(report_html(observed));
  const Table& observations = further(observed, "observations");
  REQUIRE(seen["observed"][0]["rows"].size() == observations.rows.size());
  for (size_t i = 0; i < observations.rows.size(); ++i) {
    const Json& row = seen["observed"][0]["rows"][i];
    for (const char* name : {"observed", "relative_error", "prior_p05", "prior_p50", "prior_p95",
                             "p05", "p50", "p95"}) {
      CAPTURE(name);
      CHECK(is_number_of(row[name], number_in(observations.rows[i][observations.column(name)])));
    }
  }
  size_t counts = 0;
  for (const Json& fan : seen["fan"]) {
    for (const Json& count : fan["observed"]) {
      CHECK(count["period"] == "2025Q3");
      CHECK(is_number_of(count["value"], 4000));
      CHECK(is_number_of(count["lo"], 4000 / 1.3));
      CHECK(is_number_of(count["hi"], 4000 * 1.3));
      ++counts;
    }
  }
  CHECK(counts == 1);

  CompareRequest request;
  request.run = pair.request();
  request.paths = pair.paths;
  const RunResult compared = PairedStudy(request).run({});
  const Json data = data_of(report_html(compared));
  const Table& compare = further(compared, "compare");
  size_t next = 0;
  for (const ComparedMeasure& measure : compared.compared.measures) {
    if (measure.variable == "milestone") continue;
    const Picked rows = Picked(compare)
                            .of({measure.variable, measure.entity})
                            .with("period", measure.period)
                            .with("scenario", "two");
    const Json& row = data["difference"][next++]["rows"][0];
    CHECK(row["scenario"] == "two");
    const double scale = measure.unit == "share" ? 100 : 1;
    for (const auto& [drawn, column] : {std::pair{"mean", "difference"},
                                        {"lo", "difference_lo"},
                                        {"hi", "difference_hi"},
                                        {"p05", "difference_p05"},
                                        {"p95", "difference_p95"}}) {
      CAPTURE(column);
      CHECK(is_number_of(row[drawn], scale * rows.number(column)));
    }
  }
  CHECK(next == data["difference"].size());
  CHECK(next > 0);
  REQUIRE(data["level"].size() == compared.headline.size());
  for (size_t i = 0; i < compared.headline.size(); ++i) {
    for (const Json& scenario : data["level"][i]["scenarios"]) {
      const Picked rows =
          Picked(compared.summary).of(compared.headline[i]).with("scenario", scenario["name"]);
      for (const std::string year : {"2025", "2026"}) {
        for (const char* q : {"p05", "p50", "p95"}) {
          CHECK(is_number_of(scenario[q][year], rows.with("period", year).number(q)));
        }
      }
    }
  }

  SweepRequest sweep;
  sweep.run = pair.request();
  sweep.paths = {pair.paths[0]};
  sweep.design.vary = {"fab.SN2.line_yield=0.7:0.9:3"};
  const RunResult swept = Sweep(sweep).run(nullptr, {});
  const Json response = data_of(report_html(swept))["sweep"];
  REQUIRE(response.size() > 0);
  for (size_t i = 0; i < response.size(); ++i) {
    const Picked rows =
        Picked(further(swept, "sweep")).of(swept.headline.at(i)).with("period", "2026");
    REQUIRE(response[i]["points"].size() == 3);
    for (size_t point = 0; point < 3; ++point) {
      const Json& at = response[i]["points"][point];
      CHECK(is_number_of(at["at"][0], rows.numbers("fab.SN2.line_yield")[point]));
      for (const char* q : {"p05", "p50", "p95"}) {
        CHECK(is_number_of(at[q], rows.numbers(q)[point]));
      }
    }
  }
}

TEST_CASE("the page of an empty result is a page") {
  const std::string html = report_html(RunResult{});
  CHECK(testing::has(html, "<h2 id=\"run-heading\">"));
  CHECK(data_of(html).empty());
}

TEST_CASE("the bundled script and style are made of what stands beside them") {
  const fs::path folder = fs::path(FABCAST_SOURCE_FOLDER) / "engine/report/page";
  std::istringstream sums(testing::read_text(folder / "dist/SHA256SUMS"));
  std::set<std::string> listed;
  for (std::string line; std::getline(sums, line);) {
    const std::string file = line.substr(66);
    listed.insert(file);
    // Where this fails: ./dev page
    CHECK_MESSAGE(sha256(testing::read_text(folder / file)) == line.substr(0, 64), file);
  }
  for (const auto& entry : fs::directory_iterator(folder / "src")) {
    CHECK_MESSAGE(listed.count("src/" + entry.path().filename().string()) == 1, entry.path());
  }
  CHECK(listed.count("package-lock.json") == 1);
  CHECK((testing::read_text(folder / "dist/page.js") == page::script));
  CHECK((testing::read_text(folder / "dist/page.css") == page::style));
  for (const char* licence : {"@observablehq/plot", "Observable, Inc.", "Mike Bostock"}) {
    CHECK_MESSAGE(testing::has(std::string(page::script), licence), licence);
  }
}
