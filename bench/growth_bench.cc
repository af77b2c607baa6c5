/// How does the cost grow with months, lines, products, trials? Each row doubles one of them and
/// prints the processor time against half as many, both run in turn: 2 is linear, less has a part
/// that stays.

#include <fmt/core.h>

#include "bench/support.h"
#include "run/stage_clock.h"

namespace {

using namespace fabcast;

/// So many lines, each making dies of its own for products of its own; one memory, one packaging
/// class and one segment of which all of them want a part.
std::string fabs(int months, int lines, int products) {
  std::string text = fmt::format(R"(
[scenario]
months = 2024-01 .. {:04}-{:02}
[node.n]
d0             = 0.1 to 0.4 /cm2
alpha          = 1 to 4
layers         = 50 layers
days_per_layer = 0.9 to 1.6 days/layer
wafer_price    = 8k to 12k $/wafer
[memory.stack]
imports = 10k to 100k stacks/month
[packaging.assembler]
class        = interposer
capacity     = 4k to 30k packages/month
attach_yield = 99 %
)",
                                 2024 + (months - 1) / 12, (months - 1) % 12 + 1);
  for (int line = 0; line < lines; ++line) {
    text += fmt::format(R"(
[fab.line{0}]
node        = n
plan        = 2024-01: 500 to 1500 | 2025-12: 800 to 4k wafers/month noise 10 % rho 0.5
utilisation = uniform(80, 99) %
line_yield  = uniform(88, 98) %
[tool.line{0}.etch]
imported   = 6 to 20 tools
deliveries = 0.05 to 0.4 tools/month
throughput = 20 wafer passes/hour
passes     = 100 passes/wafer
[die.chip{0}]
width           = 20 mm
height          = 25 mm
cores           = 20 cores
core_area_share = 50 to 60 %
bin.full        = 20 cores
bin.cut         = 16 cores
[claim.line{0}.chip{0}]
share = uniform(15, 35) %
)",
                        line);
  }
  std::string first;
  for (int product = 0; product < products; ++product) {
    text += fmt::format(R"(
[product.npu{0}]
family    = part
die       = chip{1}
memory    = stack
stacks    = 4 stacks
packaging = interposer
fp16      = 400 TFLOPS
power     = 500 W
price     = 5k $
)",
                        product, product % lines);
    first += fmt::format("{}npu{}", product > 0 ? ", " : "", product);
  }
  return text +
         fmt::format("[segment.cloud]\ndemand  = 2k to 20k npus/month\nprefers = {}\n", first);
}

void against_half(benchmark::State& state, const Compiled& half, const Compiled& whole,
                  uint64_t trials_of_half, uint64_t trials) {
  double of_half = 0, of_whole = 0;
  for (auto _ : state) {
    const double start = thread_seconds();
    run_trials(half, trials_of_half, 1);
    const double between = thread_seconds();
    run_trials(whole, trials, 1);
    of_half += between - start;
    of_whole += thread_seconds() - between;
  }
  state.counters["ratio"] = of_whole / of_half;
  state.counters["us/trial"] =
      1e6 * of_whole / (static_cast<double>(state.iterations()) * static_cast<double>(trials));
}

constexpr uint64_t few = 8192;

void months(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  against_half(state, compiled_text(fabs(n / 2, 4, 4)), compiled_text(fabs(n, 4, 4)), few, few);
}
BENCHMARK(months)->Arg(24)->Arg(48)->Arg(96)->Unit(benchmark::kMillisecond);

void lines(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  against_half(state, compiled_text(fabs(24, n / 2, 4)), compiled_text(fabs(24, n, 4)), few, few);
}
BENCHMARK(lines)->RangeMultiplier(2)->Range(4, 32)->Unit(benchmark::kMillisecond);

void products(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  against_half(state, compiled_text(fabs(24, 4, n / 2)), compiled_text(fabs(24, 4, n)), few, few);
}
BENCHMARK(products)->RangeMultiplier(2)->Range(4, 32)->Unit(benchmark::kMillisecond);

void trials(benchmark::State& state) {
  const auto n = static_cast<uint64_t>(state.range(0));
  const Compiled compiled = compiled_text(fabs(24, 4, 4));
  against_half(state, compiled, compiled, n / 2, n);
}
BENCHMARK(trials)->RangeMultiplier(2)->Range(8192, 65536)->Unit(benchmark::kMillisecond);

}  // namespace
