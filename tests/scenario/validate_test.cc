/// Rules that join keys: beside each refusal of the bad corpus, the nearest thing that is allowed.

#include "scenario/validate.h"

#include "scenario/helpers.h"

namespace fabcast {

using testing::over_hand;

namespace {

/// The mistakes of hand.scn with these lines over it.
std::string mistakes(const std::string& text) { return over_hand(text).diagnostics.text(); }

void check_refused(const std::string& text, const std::string& part) {
  const std::string found = mistakes(text);
  CAPTURE(text);
  CAPTURE(found);
  CHECK(found.find(part) != std::string::npos);
}

const std::string second_product = "[product.second]\nfamily = ascend\n";

}  // namespace

TEST_CASE("validate: a die fits the field either way round, to the last") {
  CHECK(mistakes("[die.a]\nwidth = 26 mm\nheight = 33 mm\n") == "");
  CHECK(mistakes("[die.a]\nwidth = 33 mm\nheight = 26 mm\n") == "");
  check_refused("[die.a]\nwidth = 26.1 mm\nheight = 26.1 mm\n", "larger than the reticle field");
  check_refused("[die.a]\nwidth = 20 mm\nheight = 33.1 mm\n", "larger than the reticle field");
  // Uncertain sides: what they reach.
  CHECK(mistakes("[die.a]\nwidth = uniform(20, 26) mm\nheight = uniform(30, 33) mm\n") == "");
  check_refused("[die.a]\nwidth = uniform(20, 28) mm\nheight = 30 mm\n", "a die of up to 27.99");
}

TEST_CASE("validate: a die has sides or an area") {
  CHECK(mistakes("[die.a]\narea = 0.9 to 1.1 cm2\n") == "");
  check_refused("[die.a]\nheight = 5 mm\n", "[die.a] lacks 'width'");
  check_refused("[die.a]\narea = 25 mm2\nheight = 5 mm\n", "has both 'height' and 'area'");
  check_refused("[die.a]\ncores = 5\n", "[die.a] has neither 'width' and 'height' nor 'area'");
}

TEST_CASE("validate: the edge exclusion leaves some of the wafer") {
  const std::string small = "[die.logic]\nwafer = 60 mm\n";
  CHECK(mistakes(small + "edge_exclusion = 29 mm\n") == "");
  check_refused(small + "edge_exclusion = 30 mm\n", "leaves nothing of the wafer");
}

TEST_CASE(
    "validate: bins ask for no core up to all that there are, each another number, in any order") {
  const std::string cores = "[die.logic]\ncores = 8\n";
  CHECK(mistakes(cores + "bin.full = 8\nbin.half = 4\nbin.one = 1\n") == "");
  CHECK(mistakes(cores + "bin.one = 1\nbin.full = 8\nbin.half = 4\n") == "");
  CHECK(mistakes(cores + "bin_scope = pair\nbin.full = 16\n") == "");
  check_refused(cores + "bin.full = 9\n", "asks for 9 good cores of 8 that there are");
  check_refused(cores + "bin_scope = pair\nbin.full = 17\n",
                "asks for 17 good cores of 16 that there are");
  // Any die whose uncore works.
  CHECK(mistakes(cores + "bin.full = 8\nbin.any = 0\n") == "");
  check_refused(cores + "bin.a = 4\nbin.b = 4\n", "bin 'b' asks for no fewer cores than bin 'a'");
  check_refused("[die.logic]\nbin.full = 1\n", "bins need a die of 1 to 64 cores, not 0");
}

TEST_CASE("validate: bins of pairs are for products of two dies") {
  const std::string pair = "[die.logic]\ncores = 8\nbin_scope = pair\nbin.full = 16\n";
  CHECK(mistakes(pair + "[product.npu]\ndies = 2\n") == "");
  check_refused(pair + "[product.npu]\ndies = 4\n", "whose bins count pairs");
}

TEST_CASE("validate: a reserved line takes its designer's dies alone") {
  CHECK(mistakes("[fab.SN2]\nreserved = huawei\n") == "");
  CHECK(mistakes("[fab.SN2]\nreserved = hygon\n") == "");  // its claim stands in hand.scn
  check_refused("[fab.SN2]\nreserved = hygon\n[claim.SN2.logic]\nshare = 10 %\n",
                "is reserved for 'hygon', and die 'logic' is designed by 'huawei'");
  const std::string later =
      over_hand("[fab.SN2]\nreserved = hygon\n", {"claim.SN2.logic.share = 10 %"})
          .diagnostics.text();
  CHECK(later.find("--set:1:1: line 'SN2' is reserved for 'hygon'") != std::string::npos);
}

TEST_CASE("validate: packaging counts packages or wafers, all lines of a class alike") {
  CHECK(mistakes("[packaging.b]\nclass = cowos\ncapacity = 5\n") == "");
  CHECK(mistakes("[packaging.b]\nclass = other\nwafers = 5\n") == "");
  check_refused("[packaging.b]\nclass = cowos\nwafers = 5\n",
                "one counts packages and the other wafers");
  check_refused("[packaging.b]\nclass = other\n", "neither 'capacity' nor 'wafers'");
  check_refused("[packaging.b]\nclass = other\nwafers = 5\ncapacity = 5\n",
                "both 'capacity' and 'wafers'");
}

TEST_CASE("validate: a product is made from a die or imported; imports of none count as given") {
  CHECK(mistakes(second_product + "die = logic\n") == "");
  CHECK(mistakes(second_product + "die = logic\nimports = 0 npus/month\n") == "");
  CHECK(mistakes(second_product + "imports = 0 npus/month\n") == "");
  CHECK(mistakes(second_product + "imports = 5 to 9 npus/month\n") == "");
  check_refused(second_product + "die = logic\nimports = 5 to 9 npus/month\n",
                "has a die and imports");
  check_refused(second_product, "neither a die nor imports");
}

TEST_CASE("validate: memory goes with stacks, I/O dies with their die") {
  const std::string made = second_product + "die = logic\n";
  CHECK(mistakes(made + "memory = hbm\nstacks = 1\nio_die = logic\nio_dies = 1\n") == "");
  check_refused(made + "memory = hbm\n", "has 'memory' but no stacks");
  check_refused(made + "stacks = 1\n", "takes stacks of no 'memory'");
  check_refused(made + "io_die = logic\n", "has an 'io_die' but no io_dies");
  check_refused(made + "io_dies = 1\n", "takes I/O dies of no 'io_die'");
}

TEST_CASE("validate: a product is not launched after its end, and its class exists") {
  const std::string made = second_product + "die = logic\n";
  CHECK(mistakes(made + "launch = 2025-03\nend = 2025-03\npackaging = cowos\n") == "");
  check_refused(made + "launch = 2025-03\nend = 2025-02\n", "lies before the launch");
  check_refused(made + "packaging = cowps\n", "did you mean 'cowos'?");
}

TEST_CASE("validate: a segment has one demand, prefers home-made parts, imports foreign ones") {
  const std::string foreign = "[product.h20]\nfamily = nvidia\nimports = 5\n";
  const std::string segment = foreign + "[segment.b]\n";
  CHECK(mistakes(segment + "compute_demand = 5 PFLOPS/month\nprefers = npu\nimports = h20\n") ==
        "");
  check_refused(segment + "prefers = npu\n", "neither 'demand' nor 'compute_demand'");
  check_refused(segment + "demand = 5\nprefers = h20\n", "product 'h20' is imported");
  check_refused(segment + "demand = 5\nprefers = npu\nimports = npu\n",
                "product 'npu' is made at home");
}

TEST_CASE("validate: a milestone's family is some product's") {
  CHECK(mistakes("[milestone.a]\nnpus = 5\nfamily = ascend\n") == "");
  check_refused("[milestone.a]\nnpus = 5\nfamily = nvidia\n", "no product is of family 'nvidia'");
}

TEST_CASE("validate: what could not be read is not judged") {
  const testing::Loaded loaded =
      over_hand("[packaging.hall]\nclass = a b\n[die.logic]\ncores = x\nbin.a = 4\n");
  CHECK(loaded.diagnostics.count() == 2);
}

}  // namespace fabcast
