#include "base/comma_list.h"

#include <doctest/doctest.h>

using fabcast::comma_list;
using Parts = std::vector<std::string_view>;

TEST_CASE("comma_list: parts without white space around them, empty ones kept") {
  CHECK(comma_list("") == Parts{});
  CHECK(comma_list("a") == Parts{"a"});
  CHECK(comma_list(" a b ,c,\td\n") == Parts{"a b", "c", "d"});
  CHECK(comma_list("a,,b") == Parts{"a", "", "b"});
  CHECK(comma_list(",") == Parts{"", ""});
  CHECK(comma_list("a, ") == Parts{"a", ""});
  const std::string_view text = "a, b";
  CHECK(comma_list(text)[1].data() == text.data() + 3);
}
