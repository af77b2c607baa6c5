#include "scenario/value.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>

#include "scenario/document.h"
#include "scenario/names.h"
#include "scenario/schema.h"

using namespace fabcast;

namespace {

/// The value read, or a failed test that says why not.
Value read(const std::string& text, Dimension dimension = Dimension::number) {
  Diagnostics diagnostics;
  const int file = diagnostics.add_file("t", text);
  const auto value = parse_value(PlacedText(text, {file, 1, 1}), dimension, diagnostics);
  INFO(diagnostics.text());
  REQUIRE(value);
  REQUIRE(diagnostics.ok());
  return *value;
}

/// All mistakes as "column: message; remedy", a line each.
std::string mistakes(const std::string& text, Dimension dimension = Dimension::number) {
  Diagnostics diagnostics;
  const int file = diagnostics.add_file("t", {});  // empty: no quoted lines below the messages
  const auto value = parse_value(PlacedText(text, {file, 1, 1}), dimension, diagnostics);
  CHECK_FALSE(value);
  CHECK_FALSE(diagnostics.ok());
  std::string all;
  std::string rest = diagnostics.text();
  for (size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
    std::string line = rest.substr(0, end);
    rest.erase(0, end + 1);
    if (line.starts_with("t:1:")) line.erase(0, 4);
    all += (all.empty() ? "" : "\n") + line;
  }
  return all;
}

const Distribution& only(const Value& value) {
  REQUIRE(value.paths.size() == 1);
  REQUIRE(value.paths[0].view.empty());
  REQUIRE(value.paths[0].anchors.size() == 1);
  REQUIRE_FALSE(value.paths[0].anchors[0].month);
  return value.paths[0].anchors[0].distribution;
}

double constant(const std::string& text, Dimension dimension = Dimension::number) {
  const Value value = read(text, dimension);
  REQUIRE(value.is_constant());
  return value.constant();
}

bool near(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b)); }

/// "view: 2026-07=5 2026-12=6; view2: …" of a value whose distributions are constants.
std::string shape(const Value& value) {
  std::string text;
  for (const ViewPath& path : value.paths) {
    text += (text.empty() ? "" : "; ") + path.view + ":";
    for (const Anchor& anchor : path.anchors) {
      REQUIRE(anchor.distribution.is_constant());
      text +=
          fmt::format(" {}={}", anchor.month ? anchor.month->text() : "", anchor.distribution.a);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("constants") {
  CHECK(constant("5") == 5);
  CHECK(constant("  -1.5e3 ") == -1500);
  CHECK(constant("12k") == 12000);
  CHECK(constant("3M") == 3e6);
  CHECK(constant("2.5bn", Dimension::usd) == 2.5e9);
  CHECK(constant("40 %", Dimension::share) == 0.4);
  CHECK(constant("7%", Dimension::share) == 0.07);
  CHECK(constant("0.9", Dimension::share) == 0.9);
  CHECK(constant("5%/year", Dimension::per_year) == 0.05);
  CHECK(constant("0.25 /year", Dimension::per_year) == 0.25);
  CHECK(constant("8 cm2", Dimension::area) == 800);
  CHECK(constant("14k wafers/month", Dimension::wafers_per_month) == 14000);
  CHECK(constant("14 k wafers/month", Dimension::wafers_per_month) == 14000);
  CHECK(constant("165 wafer passes/hour", Dimension::passes_per_hour) == 165);
  CHECK(constant("165 wafer\n passes/hour", Dimension::passes_per_hour) == 165);
  CHECK(constant("0.2 k wafer passes/hour", Dimension::passes_per_hour) == 200);
  CHECK(constant("3 $bn/year", Dimension::usd_per_month) == doctest::Approx(0.25e9));
  CHECK(constant("700 µm", Dimension::length) == 0.7);
  CHECK_FALSE(read("5").is_path());
}

TEST_CASE("an interval is a 90 % interval, lognormal where both ends are positive") {
  const Distribution positive = only(read("3 to 8"));
  CHECK(positive.family == Family::lognormal);
  CHECK(near(positive.quantile(0.05), 3));
  CHECK(near(positive.quantile(0.95), 8));
  const Distribution through_zero = only(read("-1 to 3"));
  CHECK(through_zero.family == Family::normal);
  CHECK(near(through_zero.quantile(0.05), -1));
  CHECK(near(through_zero.quantile(0.95), 3));
  CHECK_FALSE(read("3 to 8").is_constant());
}

TEST_CASE("each family takes its arguments, scaled by the unit") {
  const Distribution normal = only(read("normal(10, 2) weeks", Dimension::days));
  CHECK(normal.family == Family::normal);
  CHECK(normal.a == 70);
  CHECK(normal.b == 14);
  const Distribution lognormal = only(read("lognormal(2 weeks, 60 days)", Dimension::days));
  CHECK(lognormal.family == Family::lognormal);
  CHECK(near(lognormal.quantile(0.05), 14));
  CHECK(near(lognormal.quantile(0.95), 60));
  const Distribution uniform = only(read("uniform(1,5)"));
  CHECK(uniform.family == Family::uniform);
  CHECK(uniform.a == 1);
  CHECK(uniform.b == 5);
  const Distribution triangular = only(read("triangular ( 10, 20, 40 ) %", Dimension::share));
  CHECK(triangular.family == Family::triangular);
  CHECK(triangular.a == 0.1);
  CHECK(triangular.b == 0.2);
  CHECK(triangular.c == 0.4);
  const Distribution pert = only(read("pert(1k, 2k, 4k)"));
  CHECK(pert.family == Family::pert);
  CHECK(pert.a == 1000);
  CHECK(pert.b == 2000);
  CHECK(pert.c == 4000);
  // Shapes are no lengths of time: only the ends are scaled.
  const Distribution beta = only(read("beta(2, 3, 1, 4) weeks", Dimension::days));
  CHECK(beta.family == Family::beta);
  CHECK(beta.a == 2);
  CHECK(beta.b == 3);
  CHECK(beta.c == 7);
  CHECK(beta.d == 28);
}

TEST_CASE("a discrete distribution scales its values and not its weights") {
  const Distribution discrete = only(read("discrete(1: 1, 2: 3) weeks", Dimension::days));
  CHECK(discrete.family == Family::discrete);
  CHECK(discrete.x == std::vector<double>{7, 14});
  CHECK(discrete.w == std::vector<double>{0.25, 0.75});
  const Distribution shares = only(read("discrete(10 %: 25%, 20 %: 75 %)", Dimension::share));
  CHECK(shares.x == std::vector<double>{0.1, 0.2});
  CHECK(shares.w == std::vector<double>{0.25, 0.75});
}

TEST_CASE("a metalog takes probabilities in any notation, and bounds outside them are its own") {
  for (const char* text :
       {"metalog(5%: 1, 50%: 2, 95%: 4) weeks", "metalog(0.05: 1, 0.5: 2, 0.95: 4) weeks",
        "metalog(5 %: 7 days, 50 %: 14 days, 95 %: 28 days)"}) {
    CAPTURE(text);
    const Distribution metalog = only(read(text, Dimension::days));
    CHECK(metalog.family == Family::metalog);
    CHECK(near(metalog.quantile(0.5), 14));
  }
  const auto bounds = [](const std::string& text) {
    const Distribution metalog = only(read(text));
    CHECK(metalog.u_low == 0);  // bounded, not cut
    CHECK(metalog.u_high == 1);
    return std::pair(metalog.lowest(), metalog.highest());
  };
  constexpr double open = std::numeric_limits<double>::infinity();
  const std::string quantiles = "metalog(5%: 1, 50%: 2, 95%: 4)";
  CHECK(bounds(quantiles) == std::pair(-open, open));
  CHECK(bounds(quantiles + " within [0, ]") == std::pair(0.0, open));
  CHECK(bounds(quantiles + " within [0, 10]") == std::pair(0.0, 10.0));
  CHECK(bounds(quantiles + " within [, 10]") == std::pair(-open, 10.0));
}

TEST_CASE("a bound of a metalog that lies among its quantiles cuts it") {
  const std::string quantiles = "metalog(5%: 1, 50%: 2, 95%: 4)";
  const Distribution open = only(read(quantiles));
  const Distribution cut = only(read(quantiles + " within [1.5, 3]"));
  CHECK(cut.x == open.x);  // the same curve
  CHECK(cut.lowest() == 1.5);
  CHECK(cut.highest() == 3);
  const double from = open.cdf(1.5), to = open.cdf(3);
  CHECK(near(cut.quantile(0.25), open.quantile(from + 0.25 * (to - from))));
  // At a quantile it cuts; each bound for itself.
  const Distribution mixed = only(read(quantiles + " within [0, 4]"));
  CHECK(mixed.c == 0);
  CHECK(mixed.u_low == 0);
  CHECK(near(mixed.u_high, 0.95));
  CHECK(mixed.x == only(read(quantiles + " within [0, ]")).x);
  CHECK(mistakes(quantiles + " within [1000, ]") != "");
}

TEST_CASE("within cuts any other family") {
  const Distribution cut = only(read("3 to 8 within [2, 9]"));
  CHECK(cut.u_low > 0);
  CHECK(cut.u_high < 1);
  const Distribution whole = only(read("3 to 8 within [, ]"));
  CHECK(whole.u_low == 0);
  CHECK(whole.u_high == 1);
}

TEST_CASE("a number without a unit takes that of its own distribution, else that of the value") {
  const auto ends = [](const std::string& text, size_t anchor = 0) {
    const Distribution d = read(text, Dimension::days).paths[0].anchors[anchor].distribution;
    return std::pair(d.a, d.b);
  };
  CHECK(constant("5", Dimension::days) == 5);
  CHECK(near(only(read("90 days to 20 weeks", Dimension::days)).quantile(0.05), 90));
  CHECK(near(only(read("90 days to 20 weeks", Dimension::days)).quantile(0.95), 140));
  CHECK(near(only(read("90 days to 200", Dimension::days)).quantile(0.95), 200));
  CHECK(near(only(read("2 to 3 weeks", Dimension::days)).quantile(0.05), 14));
  CHECK(ends("uniform(2, 3 weeks)") == std::pair(14.0, 21.0));
  CHECK(ends("uniform(2 days, 3) weeks") == std::pair(2.0, 21.0));
  CHECK(ends("uniform(2, 3) within [1, 4] weeks") == std::pair(14.0, 21.0));
  CHECK(ends("2026: uniform(2, 3) | 2027: uniform(4, 5) weeks") == std::pair(14.0, 21.0));
  CHECK(ends("2026: uniform(2, 3) weeks | 2027: uniform(4, 5)", 1) == std::pair(28.0, 35.0));
  CHECK(ends("2026: uniform(2, 3) weeks | 2027: uniform(4, 5) days") == std::pair(14.0, 21.0));
  CHECK(ends("uniform(2, 3) noise 8 % weeks") == std::pair(14.0, 21.0));
  CHECK(ends("2026: uniform(2, 3) within [1, 4] weeks | 2027: uniform(4, 5) days") ==
        std::pair(14.0, 21.0));
  CHECK(ends("2026: 2 weeks | 2027: uniform(40, 50) noise 8 % days", 1) == std::pair(40.0, 50.0));
  // Both bounds are days: 16 weeks to 18 days would leave nothing.
  CHECK(ends("uniform(2, 3) weeks within [16, 18 days]") == std::pair(14.0, 21.0));
  CHECK(shape(read("a: 1 / b: 2 weeks", Dimension::days)) == "a: =7; b: =14");
  CHECK(shape(read("a: 1 week / b: 2 weeks", Dimension::days)) == "a: =7; b: =14");
  CHECK(mistakes("2026: 2 | 2027: 3 weeks | 2028: 40 days", Dimension::days) ==
        "7: this number has no unit, and the value writes both 'weeks' and 'days'; write its unit");
}

TEST_CASE("a path has dates in ascending order: months, quarters or years by their last month") {
  const Value path = read("2024-12: 4 | 2025Q3: 7 | 2026: 9");
  CHECK(shape(path) == ": 2024-12=4 2025-09=7 2026-12=9");
  CHECK(path.is_path());
  CHECK_FALSE(path.is_constant());
  const Value one = read("2026-07: 5");
  CHECK(shape(one) == ": 2026-07=5");
  CHECK(one.is_path());
  CHECK_FALSE(one.is_constant());
  const Value uncertain = read(
      "2024-12: 4k to 9k | 2025-12: 7k to 26k | 2027-12: 15k to 50k  wafers/month  @nikkei-2026-02",
      Dimension::wafers_per_month);
  REQUIRE(uncertain.paths[0].anchors.size() == 3);
  CHECK(near(uncertain.paths[0].anchors[0].distribution.quantile(0.05), 4000));
  CHECK(near(uncertain.paths[0].anchors[2].distribution.quantile(0.95), 50000));
  CHECK(uncertain.sources == std::vector<std::string>{"nikkei-2026-02"});
}

TEST_CASE("views are normalised to stand outermost") {
  CHECK(shape(read("a: 1 / b: 2")) == "a: =1; b: =2");
  CHECK(shape(read("a:1/ b : 2")) == "a: =1; b: =2");
  CHECK(shape(read("a: 2024: 1 | 2025: 2 / b: 3")) == "a: 2024-12=1 2025-12=2; b: =3");
  CHECK(shape(read("2024-12: a: 1 / b: 3 | 2025-12: 5")) ==
        "a: 2024-12=1 2025-12=5; b: 2024-12=3 2025-12=5");
  CHECK(shape(read("2024: 5 | 2025: b: 1 / a: 3 | 2026: a: 7 / b: 8")) ==
        "b: 2024-12=5 2025-12=1 2026-12=8; a: 2024-12=5 2025-12=3 2026-12=7");
  CHECK(shape(read("to-10: 1 / M_2: 2")) == "to-10: =1; M_2: =2");
  CHECK_FALSE(read("a: 1 / b: 2").is_constant());
  CHECK_FALSE(read("a: 1 / b: 2").is_path());
  CHECK(read("a: 1 / b: 2026: 2").is_path());
  // A '/' before a letter belongs to a unit.
  CHECK(shape(read("a: 1 /year / b: 2 %/year", Dimension::per_year)) == "a: =1; b: =0.02");
  CHECK(shape(read("a: 1 wafers/month/ b: 2", Dimension::wafers_per_month)) == "a: =1; b: =2");
}

TEST_CASE("noise stands at the end") {
  const Value value = read("2024: 1 | 2025: 2 noise 8 % rho 0.6");
  CHECK(value.noise_sigma == 0.08);
  CHECK(value.noise_rho == 0.6);
  const Value constant_with_noise = read("5 noise 0.1");
  CHECK(constant_with_noise.noise_sigma == 0.1);
  CHECK(constant_with_noise.noise_rho == 0);
  CHECK(constant_with_noise.is_path());
  CHECK_FALSE(constant_with_noise.is_constant());
  CHECK(read("5 noise 0 rho -0.5").is_constant());
  CHECK(read("40 % noise 3%", Dimension::share).noise_sigma == 0.03);
}

TEST_CASE("sources stand anywhere between tokens, each named once, with their places") {
  const Value value = read("@a 3 @b.1 to @c-d 8@e weeks @a noise 5 % @f", Dimension::days);
  CHECK(value.sources == std::vector<std::string>{"a", "b.1", "c-d", "e", "f"});
  REQUIRE(value.source_places.size() == 5);
  CHECK(value.source_places[0].column == 1);
  CHECK(value.source_places[1].column == 6);
  CHECK(value.source_places[4].column == 42);
  CHECK(near(value.paths[0].anchors[0].distribution.quantile(0.95), 56));
  CHECK(read("2024: 1 @x | 2025: 2 @y").sources == std::vector<std::string>{"x", "y"});
}

TEST_CASE("a value that goes on over lines points at the right place") {
  PlacedText text("2024: 1 |", {0, 7, 10});
  text.append("2025: µ2 |", {0, 8, 3});
  CHECK(text.text() == "2024: 1 |\n2025: µ2 |");
  const auto place = [&](size_t offset) {
    const SourcePosition at = text.at(offset);
    return fmt::format("{}:{}:{}", at.file, at.line, at.column);
  };
  CHECK(place(0) == "0:7:10");
  CHECK(place(8) == "0:7:18");
  CHECK(place(9) == "0:7:19");  // the line break: one past the line's last character
  CHECK(place(10) == "0:8:3");
  CHECK(place(16) == "0:8:9");   // µ
  CHECK(place(18) == "0:8:10");  // two bytes on, one character
  CHECK(place(21) == "0:8:13");  // the end
  CHECK(place(1000) == "0:8:13");
  CHECK(PlacedText().at(3).line == 0);

  Diagnostics diagnostics;
  const int file = diagnostics.add_file("f.scn", "plan = 2024: 1 |\n  2025: x\n");
  PlacedText value("2024: 1 |", {file, 1, 8});
  value.append("2025: x", {file, 2, 3});
  CHECK_FALSE(parse_value(value, Dimension::number, diagnostics));
  CHECK(diagnostics.text() ==
        "f.scn:2:9: expected a number here; found 'x'\n"
        "    2 |   2025: x\n"
        "      |         ^\n");
}

TEST_CASE("mistakes in numbers") {
  CHECK(mistakes("abc") == "1: expected a number here; found 'abc'");
  CHECK(mistakes("") == "1: expected a number here; found the end of the value");
  CHECK(mistakes("   ") == "4: expected a number here; found the end of the value");
  CHECK(mistakes("3 to") == "5: expected a number here; found the end of the value");
  CHECK(mistakes("3 to )") == "6: expected a number here; found ')'");
  CHECK(mistakes("nan") == "1: nan is not a number; give a finite number");
  CHECK(mistakes("-NaN") == "1: nan is not a number; give a finite number");
  CHECK(mistakes("3 to inf") == "6: inf is not a finite number; give a finite number");
  CHECK(mistakes("normal(-Infinity, 1)") ==
        "8: infinity is not a finite number; give a finite number");
  CHECK(mistakes("1,5") == "1: '1,5' has a decimal comma; write 1.5");
  CHECK(mistakes("-1,25 to 3") == "1: '-1,25' has a decimal comma; write -1.25");
  CHECK(mistakes("1,500") == "1: '1,500' has a thousands separator; write 1500");
  CHECK(mistakes("3 to 1,500,000.5 wafers", Dimension::wafers) ==
        "6: '1,500,000.5' has a thousands separator; write 1500000.5");
  CHECK(mistakes("1.500,5") ==
        "1: '1.500,5' is not a number; write a decimal point, and nothing between thousands");
  CHECK(mistakes("1,50,000") ==
        "1: '1,50,000' is not a number; write a decimal point, and nothing between thousands");
  CHECK(mistakes("uniform(1,500, 2,500)") ==
        "1: uniform takes 2 numbers (lowest, highest); found 4; write 1500 or 1.5, not 1,500 or "
        "1,5");
  CHECK(mistakes(".5") == "1: '.5' has no digit before the point; write 0.5");
  CHECK(mistakes(".5k") == "1: '.5k' has no digit before the point; write 0.5k");
  CHECK(mistakes("1.") == "1: '1.' has no digit after the point; write 1");
  CHECK(mistakes("0x10") == "1: '0x10' is hexadecimal; write the number in decimal");
  CHECK(mistakes("1e999") ==
        "1: '1e999' is too large or too small; give a number between 1e-300 and 1e300");
  CHECK(mistakes("1e308 weeks", Dimension::days) ==
        "1: this number is too large in its unit; give a smaller one");
  CHECK(mistakes("3-8") == "2: unexpected '-8'; for an interval write 'low to high'");
  CHECK(mistakes("3–8") == "2: unexpected '–8'; for an interval write 'low to high'");
  CHECK(mistakes("5k ± 1k") == "4: unexpected '±'; write 'low to high' or 'normal(mean, sd)'");
  CHECK(mistakes("2026-07 5k") ==
        "5: unexpected '-07'; what holds from a month on follows a ':', as in '2026-07: value'");
  CHECK(mistakes("2026/12: 5k") ==
        "5: unknown unit '/12'; a month is written with a '-', as in '2026-07: value'");
  CHECK(mistakes("5K") ==
        "2: unknown unit 'K'; thousands are a small k, joined to the number: 12k");
  CHECK(mistakes("1.2.3") ==
        "4: unexpected '.3'; the value is complete before it; a comment begins with '#'");
  CHECK(mistakes("5 6") ==
        "3: unexpected '6'; the value is complete before it; a comment begins with '#'");
}

TEST_CASE("mistakes in units") {
  CHECK(mistakes("5 mm2", Dimension::wafers) ==
        "3: 'mm2' is a unit of area; this value takes wafers; use wafers, k wafers");
  CHECK(mistakes("5 weeks", Dimension::number) ==
        "3: 'weeks' is a unit of time; this value takes a plain number; leave the unit out");
  CHECK(mistakes("5 %", Dimension::per_year) ==
        "3: '%' is a unit of share; this value takes rate; use /year, %/year, /month, %/month");
  CHECK(mistakes("5 %/year", Dimension::share) ==
        "3: '%/year' is a unit of rate; this value takes share; use %");
  // Both units are told at once, and the longest spelling is read.
  CHECK(mistakes("5 wafer passes/hour to 8 k wafers/month", Dimension::layers) ==
        "3: 'wafer passes/hour' is a unit of wafer passes per hour; this value takes layers; use "
        "layers\n26: 'k wafers/month' is a unit of wafers per month; this value takes layers; use "
        "layers");
  CHECK(mistakes("5 furlongs", Dimension::layers) == "3: unknown unit 'furlongs'; use layers");
  CHECK(mistakes("5kg", Dimension::layers) == "2: unknown unit 'kg'; use layers");
  CHECK(mistakes("12 k", Dimension::layers) ==
        "4: 'k' multiplies no unit; join it to the number: 12k");
  CHECK(mistakes("a: 1 /b: 2") ==
        "6: unknown unit '/b'; put white space after a '/' that separates views");
  CHECK(mistakes("5 days weeks", Dimension::days) ==
        "8: unexpected 'weeks'; the value is complete before it; a comment begins with '#'");
  CHECK(mistakes("beta(2 weeks, 3, 1, 4)", Dimension::days) ==
        "8: expected ',' or ')' here; found 'weeks'");
}

TEST_CASE("mistakes in distributions") {
  CHECK(mistakes("8 to 3") ==
        "1: the upper end of an interval comes first; give the lower end first");
  CHECK(mistakes("8 to 8") ==
        "1: the ends of an interval are equal; write a constant as one number");
  CHECK(mistakes("30 days to 2 weeks", Dimension::days) ==
        "1: the upper end of an interval comes first; give the lower end first");
  CHECK(mistakes("gamma(1, 2)") ==
        "1: unknown family 'gamma'; use one of normal, lognormal, uniform, triangular, pert, beta, "
        "discrete, metalog");
  CHECK(mistakes("normal") ==
        "1: 'normal' needs its numbers; write normal(mean, standard deviation)");
  CHECK(mistakes("2026: normal 5") ==
        "7: 'normal' needs its numbers; write normal(mean, standard deviation)");
  CHECK(mistakes("normal(1)") == "1: normal takes 2 numbers (mean, standard deviation); found 1");
  CHECK(mistakes("beta(1, 2, 3)") ==
        "1: beta takes 4 numbers (shape, shape, lowest, highest); found 3");
  CHECK(mistakes("normal()") == "8: expected a number here; found ')'");
  CHECK(mistakes("normal(1, )") == "11: expected a number here; found ')'");
  CHECK(mistakes("normal(1, 2") == "12: expected ',' or ')' here; found the end of the value");
  CHECK(mistakes("normal(1; 2)") == "9: expected ',' or ')' here; found ';'");
  CHECK(mistakes("discrete(1, 2)") == "11: expected ':' and a weight here; found ','");
  CHECK(mistakes("metalog(5%, 2)") == "11: expected ':' and a value here; found ','");
  CHECK(mistakes("3 to 8 within 1, 2") == "15: expected '[' and the bounds here; found '1'");
  CHECK(mistakes("3 to 8 within [1 2]") == "18: expected ',' here; found '2'");
  CHECK(mistakes("3 to 8 within [1, 2, 3]") == "20: expected ']' here; found ','");
  CHECK(mistakes("3 to 8 within [5, 4]") ==
        "16: the bounds leave nothing; give the lower bound first");
  CHECK(mistakes("(5)") == "1: expected a number here; found '('");
  // What a distribution refuses is told at its start, in its own words.
  const std::string refused = mistakes("2026: 5 | 2027: normal(1, -2)");
  CHECK(refused.starts_with("17: "));
  CHECK(refused.find("standard deviation") != std::string::npos);
}

TEST_CASE("mistakes in paths and views") {
  CHECK(mistakes("2026-01: 1 | 2025-12: 2") ==
        "14: '2025-12' comes before '2026-01'; give dates in ascending order");
  CHECK(mistakes("2026: 1 | 2026Q4: 2") ==
        "11: '2026Q4' is the same month as '2026'; give each date once");
  CHECK(mistakes("2026: 1 | 2") ==
        "11: this part of a time path has no date; write every part as 'date: value'");
  CHECK(mistakes("1 | 2026: 2") ==
        "1: this part of a time path has no date; write every part as 'date: value'");
  CHECK(mistakes("2026-13: 1") ==
        "1: '2026-13' is not a date; write a month 2026-07, a quarter 2026Q4 or a year 2026");
  CHECK(mistakes("5k: 1") ==
        "1: '5k' is not a date; write a month 2026-07, a quarter 2026Q4 or a year 2026");
  CHECK(mistakes("2026: 1 |") == "10: expected a number here; found the end of the value");
  CHECK(mistakes("2025: 1 2026: 2") == "9: unexpected '2026'; separate dates with '|'");
  CHECK(mistakes("a: 1 / a: 2") == "8: view 'a' is given twice; name each view once");
  CHECK(mistakes("2026: a: 1 / a: 2") == "14: view 'a' is given twice; name each view once");
  CHECK(mistakes("2025: a: 1 / b: 2 | 2026: a: 1 / c: 2") ==
        "21: '2026' names other views than '2025'; name the same views at every date, or none");
  CHECK(mistakes("2025: a: 1 / b: 2 | 2026: a: 1") ==
        "21: '2026' names other views than '2025'; name the same views at every date, or none");
  CHECK(mistakes("a: 2025: b: 1") ==
        "10: views stand outermost or inside dates, not both; write either 'a: DATE: v | DATE: v / "
        "b: …' or 'DATE: a: v / b: v | …'");
  CHECK(mistakes("1 / b: 2") ==
        "3: unexpected '/'; write views as 'name: value / name: value', each with its name");
  CHECK(mistakes("a: 1 / 2") ==
        "6: unexpected '/'; write views as 'name: value / name: value', each with its name");
}

TEST_CASE("mistakes in noise and sources") {
  CHECK(mistakes("5 noise 8") == "9: noise of 8 is outside 0 to 3; write a share, as 8 % or 0.08");
  CHECK(mistakes("5 noise -1 %") ==
        "9: noise of -0.01 is outside 0 to 3; write a share, as 8 % or 0.08");
  CHECK(mistakes("5 noise") == "8: expected a number here; found the end of the value");
  CHECK(mistakes("5 noise 8 % rho 1") ==
        "17: rho 1 is outside -1 to 1; give the correlation from one month to the next, both ends "
        "excluded");
  CHECK(mistakes("5 noise 8 % rho -1.5").starts_with("17: rho -1.5 is outside -1 to 1; "));
  CHECK(mistakes("2025: 5 noise 8 % | 2026: 6") ==
        "19: unexpected '|'; noise comes once, at the end of the value");
  CHECK(mistakes("5 @") ==
        "3: expected the name of a source after '@'; write @source-name, of letters, digits, '.', "
        "'_' and '-'");
  CHECK(mistakes("@a") == "3: expected a number here; found the end of the value");
}

TEST_CASE("every mistake of a value is told at once") {
  CHECK(
      mistakes("2024: abc | 2025: 5 widgets | 2026: 3 | 2027: gamma(1)") ==
      "7: expected a number here; found 'abc'\n"
      "21: unknown unit 'widgets'; leave the unit out\n"
      "47: unknown family 'gamma'; use one of normal, lognormal, uniform, triangular, pert, beta, "
      "discrete, metalog");
  CHECK(mistakes("a: x / b: y / c: 3 | 4") ==
        "4: expected a number here; found 'x'\n"
        "11: expected a number here; found 'y'");
  CHECK(mistakes("2024: 3 to 2 | 2023: 5 to 4") ==
        "7: the upper end of an interval comes first; give the lower end first\n"
        "16: '2023' comes before '2024'; give dates in ascending order\n"
        "22: the upper end of an interval comes first; give the lower end first");
}

TEST_CASE("what is quoted of a hostile value is escaped and cut") {
  const std::string text = mistakes("\x1b[2J");
  CHECK(text == "1: expected a number here; found '\\x1B'");
  CHECK(mistakes(std::string(5000, 'x')) ==
        "1: expected a number here; found '" + std::string(59, 'x') + "…'");
}

TEST_CASE("every value in the documentation reads as it stands") {
  std::ifstream file(FABCAST_SOURCE_FOLDER "/docs/scenario-language.md");
  REQUIRE(file);
  bool in_values = false;
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      in_values = line == "```values";
      continue;
    }
    if (!in_values) continue;
    ++count;
    CAPTURE(line);
    const size_t equals = line.find('=');
    const std::string name(trimmed(std::string_view(line).substr(0, equals)));
    const FullKey key = split_full_key(name);
    CHECK(key.problem.empty());
    const SectionRow* section = find_section(key.kind);
    REQUIRE(section);
    const KeyRow* row = section->find(key.key);
    REQUIRE(row);
    Diagnostics diagnostics;
    CHECK(parse_value(PlacedText(line.substr(equals + 1), {}), row->dimension, diagnostics));
    CHECK(diagnostics.text().empty());
  }
  CHECK(count > 20);
}

TEST_CASE("a value has bounds") {
  const auto list = [](const std::string& prefix, const std::string& separator, int count,
                       const auto& item) {
    std::string text = prefix;
    for (int i = 0; i < count; ++i) text += (i > 0 ? separator : "") + item(i);
    return text;
  };
  const auto month = [](int i) { return Month{1950 * 12 + i}.text() + ": 1"; };
  const auto view = [](int i) { return fmt::format("v{}: 1", i); };
  const auto pair = [](int i) { return fmt::format("{}: 1", i); };
  const auto source = [](int i) { return fmt::format("@s{}", i); };
  CHECK(read(list("", " | ", 400, month)).paths[0].anchors.size() == 400);
  CHECK(mistakes(list("", " | ", 401, month)) == "5201: a path has at most 400 dates");
  CHECK(read(list("", " / ", 64, view)).paths.size() == 64);
  CHECK(mistakes(list("", " / ", 65, view)) == "567: a value has at most 64 views");
  CHECK(mistakes(list("2026: ", " / ", 65, view)) == "573: a value has at most 64 views");
  CHECK(only(read(list("discrete(", ", ", 1000, pair) + ")")).x.size() == 1000);
  CHECK(mistakes(list("discrete(", ", ", 1001, pair) + ")") ==
        "7900: discrete takes at most 1000 pairs");
  CHECK(read(list("5 ", " ", 1000, source)).sources.size() == 1000);
  CHECK(mistakes(list("5 ", " ", 1001, source)) == "5893: a value names at most 1000 sources");
  CHECK(mistakes(std::string(65537, ' ')) ==
        "1: a value holds at most 65536 bytes, this one 65537");
}

TEST_CASE("hostile values end quickly, with a mistake") {
  const std::string pieces[] = {
      "(",     "[",       "|",      "/",     " / ",    ":",       "@",       ",",
      "1 ",    "1|",      "a:",     "a: / ", "-",      "1e",      "normal(", "1 to ",
      "2026:", "within ", "noise ", "9",     "@a ",    "%/",      "k ",      "\xff",
      "$",     "1,",      "5 / ",   "a ",    "wafer ", "1 @b | ", "/ a",     "metalog(5%: 1, ",
      "\n",    "2026:|"};
  for (const std::string& piece : pieces) {
    CAPTURE(piece);
    std::string text;
    while (text.size() + piece.size() <= 65536) text += piece;
    Diagnostics diagnostics;
    const int file = diagnostics.add_file("t", text);
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(parse_value(PlacedText(text, {file, 1, 1}), Dimension::wafers, diagnostics));
    CHECK_FALSE(diagnostics.ok());
    CHECK_FALSE(diagnostics.text().empty());
    // Seconds on a slow machine under a sanitizer would still be far below quadratic time.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  }
}
