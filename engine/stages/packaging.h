#pragma once
/// Packaging and test: what is started, what bound it, what comes out (model.md, section 10).
///
/// A *bid* is one product's wish to start packages from one die pool, one stack type and one
/// segment's orders. Bids of a *round* have the same rank and share what is scarce in proportion;
/// rounds follow one another in strict order of priority, preference and substitutes. The plan of
/// rounds is made when the scenario is compiled.

#include <span>

#include "base/lanes.h"

namespace fabcast {

/// What a package draws on. The order is that of ties: the first of equal limits is said to bind.
enum class Constraint { orders, dies, io_dies, memory, packaging };
inline constexpr int constraint_count = 5;

/// Capacity of one packaging class, built up line by line:
/// capacity sums; yields are weighted by capacity, then divided by the sum.
void add_packaging_line(int lanes, In capacity, In attach_yield, In interposer_yield,
                        Out class_capacity, Out attach_sum, Out interposer_sum);
void weigh_packaging_class(int lanes, In class_capacity, Out attach_sum, Out interposer_sum);

/// Good packages per package started: Y_attach^parts x Y_interposer x Y_test.
void package_yield(int lanes, In attach_yield, In interposer_yield, In test_yield, int parts,
                   Out yield);

/// One scarce thing as a bid sees it. What a package does not need is a column of `unlimited`
/// with rates of 1 and 0, so that no lane asks.
struct Draw {
  Real* available = nullptr;
  const Real* packages_per_unit = nullptr;
  const Real* units_per_package = nullptr;
};

/// Larger than any flow: of the thing that is not needed.
inline constexpr Real unlimited = 1e30f;

/// One bid with its scratch columns.
struct Bid {
  Draw draws[constraint_count];       ///< by Constraint
  bool needs[constraint_count] = {};  ///< by Constraint: others are not scarce
  Real* wish = nullptr;               ///< scratch: packages wished, then granted
  Real* limit = nullptr;              ///< scratch: least share of the wish that can be granted
  Real* binding = nullptr;            ///< scratch: index of the Constraint that bound this bid
  Real* started = nullptr;            ///< of the product: packages started, added to
  Real* product_binding = nullptr;    ///< of the product: the Constraint that bound it
  Real* binding_rank = nullptr;  ///< of the product: how much that tells; -1 before the first bid
  Real* delivered = nullptr;     ///< of the segment: orders met, in the month of shipment
};

/// Lets the bids of one round draw. First each wishes the least that any draw allows; then each
/// thing that is wished for beyond what there is scales its bids down in proportion; then they
/// draw. `passes` 2 gives what a bid could not use to the others of the round. `scratch`: a column.
void share_round(int lanes, std::span<Bid> bids, Out scratch, int passes);

/// Good packages: started x yield, `due` after the product's lag; lost = the rest.
void finish_packages(int lanes, In started, In yield, Out due, Out lost);

/// Takes what is due this month as shipped.
void ship(int lanes, Out due, Out shipped);

}  // namespace fabcast
