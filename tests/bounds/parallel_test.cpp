#include "bounds/parallel.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include "tests/catch.h"

using namespace overproof;

TEST_CASE("every index is visited once, by a worker that exists") {
  for (const int threads : {0, 1, 2, 3, 16}) {
    for (const long count : {0L, 1L, 2L, 1000L}) {
      std::vector<int> visits(static_cast<std::size_t>(count));
      std::atomic<bool> known = true;
      const int workers = worker_count(count, threads);
      parallel_for(count, threads, [&](int worker, long i) {
        if (worker < 0 || worker >= workers) known = false;
        ++visits[static_cast<std::size_t>(i)];
      });
      REQUIRE(known);
      for (const int n : visits) REQUIRE(n == 1);
      REQUIRE((workers >= 1 && (threads == 0 || workers <= threads)));
    }
  }
}

TEST_CASE("an exception in a thread comes back") {
  for (const int threads : {1, 4}) {
    std::atomic<long> visited = 0;
    const auto body = [&](int, long i) {
      ++visited;
      if (i == 3) throw std::runtime_error("at 3");
    };
    REQUIRE_THROWS_AS(parallel_for(100000000, threads, body), std::runtime_error);
    REQUIRE(visited < 100000000);
  }
}
