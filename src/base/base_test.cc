// Errors, seeds, workers, bytes and JSON.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "base/bytes.h"
#include "base/error.h"
#include "base/json.h"
#include "base/seed.h"
#include "base/workers.h"

namespace perennial {
namespace {

TEST(Error, OneLineInThreeParts) {
  const Error error(ErrorCode::kData, "a.csv:12", "there is no id", "Name the id column");
  EXPECT_STREQ(error.what(), "a.csv:12: there is no id. Name the id column.");
  EXPECT_STREQ(Error(ErrorCode::kData, "", "bad, did you mean \"x\"?").what(),
               "bad, did you mean \"x\"?");
  EXPECT_EQ(error.where(), "a.csv:12");
  EXPECT_EQ(error.problem(), "there is no id");
  EXPECT_EQ(error.hint(), "Name the id column");
}

TEST(Error, ExitCodes) {
  EXPECT_EQ(Error(ErrorCode::kStudy, "", "x").exit_code(), 1);
  EXPECT_EQ(Error(ErrorCode::kData, "", "x").exit_code(), 1);
  EXPECT_EQ(Error(ErrorCode::kIo, "", "x").exit_code(), 1);
  EXPECT_EQ(Error(ErrorCode::kUsage, "", "x").exit_code(), 2);
  EXPECT_EQ(Error(ErrorCode::kInternal, "", "x").exit_code(), 70);
}

TEST(Error, CheckIsABugOfOurs) {
  try {
    PERENNIAL_CHECK(1 + 1 == 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInternal);
    EXPECT_NE(error.problem().find("1 + 1 == 3"), std::string::npos);
  }
}

// FNV-1a of "" , "a" and "foobar" are published (RFC draft by Noll); the figures here are those
// after MurmurHash3's finaliser, computed with Python integers.
TEST(Seed, HashIsStable) {
  EXPECT_EQ(hash_bytes(""), 0xefd01f60ba992926ULL);
  EXPECT_EQ(hash_bytes("a"), 0x82a2a958a9bece5bULL);
  EXPECT_EQ(hash_bytes("foobar"), 0x2c22194922d1672bULL);
  EXPECT_EQ(hash_bytes("стандарт"), 0x88ff552ebbde51b3ULL);
  EXPECT_NE(hash_mix(1, 2), hash_mix(2, 1));
}

TEST(Seed, ChildrenDiffer) {
  const Seed seed{5};
  EXPECT_NE(seed.child("split").value, seed.child("search").value);
  EXPECT_NE(seed.child(0).value, seed.child(1).value);
  EXPECT_NE(seed.child("a").child("b").value, seed.child("b").child("a").value);
  EXPECT_EQ(seed.child("split").value, Seed{5}.child("split").value);
}

// Reference output of xoshiro256** after splitmix64(0), computed with Python integers; the first
// value is also the one in the tests of the Rust crate rand_xoshiro.
TEST(Rng, MatchesTheReference) {
  Rng rng(Seed{0});
  EXPECT_EQ(rng.next(), 0x99ec5f36cb75f2b4ULL);
  EXPECT_EQ(rng.next(), 0xbf6e1f784956452aULL);
  EXPECT_EQ(rng.next(), 0x1a5f849d4933e6e0ULL);
  EXPECT_EQ(rng.next(), 0x6aa594f1262d2d2cULL);
}

TEST(Rng, Distributions) {
  Rng rng(Seed{1});
  const int n = 200000;
  double sum = 0, squares = 0, uniform = 0, fourth = 0;
  int counts[6] = {};
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
    uniform += u;
    const double z = rng.normal();
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
    ++counts[rng.below(6)];
  }
  // Five standard errors each.
  EXPECT_NEAR(uniform / n, 0.5, 5 * std::sqrt(1.0 / 12 / n));
  EXPECT_NEAR(sum / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(fourth / n, 3, 5 * std::sqrt(96.0 / n));
  for (const int count : counts) EXPECT_NEAR(count, n / 6.0, 5 * std::sqrt(n * 5 / 36.0));
  EXPECT_EQ(rng.below(1), 0U);
  EXPECT_THROW(rng.below(0), Error);
}

TEST(Rng, ShuffleIsAPermutation) {
  std::vector<int> v(100);
  std::iota(v.begin(), v.end(), 0);
  Rng(Seed{3}).shuffle(v);
  EXPECT_FALSE(std::is_sorted(v.begin(), v.end()));
  std::sort(v.begin(), v.end());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(v[i], i);
}

TEST(Workers, EachTaskOnce) {
  for (const int threads : {1, 2, 5}) {
    const Workers workers(threads);
    EXPECT_EQ(workers.threads(), threads);
    for (const size_t n : {0, 1, 2, 3, 1000}) {
      std::vector<int> hits(n, 0);
      workers.run(n, [&](size_t i) { ++hits[i]; });
      EXPECT_EQ(hits, std::vector<int>(n, 1));
    }
  }
  EXPECT_GE(Workers(0).threads(), 1);
}

TEST(Workers, ManyShortRuns) {
  const Workers workers(4);
  std::atomic<int64_t> sum = 0;
  for (int round = 0; round < 3000; ++round) {
    workers.run(7, [&](size_t i) { sum += static_cast<int64_t>(i); });
  }
  EXPECT_EQ(sum, 3000 * 21);
}

TEST(Workers, NestedCallsDoEachTaskOnce) {
  const Workers workers(3);
  std::vector<std::vector<int>> hits(20, std::vector<int>(20, 0));
  for (int round = 0; round < 100; ++round) {
    workers.run(20, [&](size_t i) { workers.run(20, [&](size_t j) { ++hits[i][j]; }); });
  }
  EXPECT_EQ(hits, std::vector<std::vector<int>>(20, std::vector<int>(20, 100)));
}

// Of two tasks one ends at once: its thread helps with what the other one shares out. Both inner
// tasks wait for each other, so that one thread alone would never end.
TEST(Workers, AThreadThatHasNothingToDoHelpsInsideATask) {
  const Workers workers(2);
  workers.run(2, [&](size_t i) {
    if (i == 0) return;
    std::atomic<int> begun = 0;
    workers.run(2, [&](size_t) {
      ++begun;
      while (begun < 2) std::this_thread::yield();
    });
  });
}

// The thread that called run() and has done its task helps inside those it waits for.
TEST(Workers, TheCallerHelpsInsideTheTasksItWaitsFor) {
  const Workers workers(2);
  const auto caller = std::this_thread::get_id();
  std::atomic<bool> other_began = false;
  workers.run(2, [&](size_t) {
    if (std::this_thread::get_id() == caller) {
      while (!other_began) std::this_thread::yield();
      return;
    }
    other_began = true;
    std::atomic<int> begun = 0;
    std::atomic<bool> caller_helped = false;
    workers.run(2, [&](size_t) {
      ++begun;
      if (std::this_thread::get_id() == caller) caller_helped = true;
      while (begun < 2) std::this_thread::yield();
    });
    EXPECT_TRUE(caller_helped);
  });
}

// But with nothing else: what it holds may be needed there.
TEST(Workers, TheCallerTakesNoOtherTaskMeanwhile) {
  const Workers workers(2);
  std::mutex held;
  std::atomic<int> done = 0;
  const auto from_outside = [&] {
    for (int round = 0; round < 200; ++round) {
      const std::lock_guard lock(held);
      workers.run(4, [&](size_t) { ++done; });
    }
  };
  std::thread other(from_outside);
  for (int round = 0; round < 200; ++round) {
    workers.run(4, [&](size_t) {
      const std::lock_guard lock(held);
      ++done;
    });
  }
  other.join();
  EXPECT_EQ(done, 1600);
}

TEST(Workers, AnExceptionInsideATaskReachesItsCaller) {
  const Workers workers(3);
  std::vector<std::string> caught(8);
  workers.run(8, [&](size_t i) {
    try {
      workers.run(8, [&](size_t j) {
        if (j >= i) throw std::runtime_error(std::to_string(j));
      });
    } catch (const std::runtime_error& error) {
      caught[i] = error.what();
    }
  });
  EXPECT_EQ(caught, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7"}));
}

TEST(Workers, CallsFromSeveralThreadsAtOnce) {
  const Workers workers(2);
  std::vector<int64_t> sums(4, 0);
  std::vector<std::thread> callers;
  for (size_t c = 0; c < 4; ++c) {
    callers.emplace_back([&, c] {
      for (int round = 0; round < 200; ++round) {
        std::vector<int64_t> slots(50, 0);
        workers.run(50, [&](size_t i) { slots[i] = static_cast<int64_t>(i); });
        sums[c] += std::accumulate(slots.begin(), slots.end(), int64_t{0});
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (const int64_t sum : sums) EXPECT_EQ(sum, 200 * 50 * 49 / 2);
}

TEST(Workers, ExceptionOfTheLowestIndexAfterAllHaveEnded) {
  for (const int threads : {1, 4}) {
    const Workers workers(threads);
    std::atomic<int> done = 0;
    try {
      workers.run(500, [&](size_t i) {
        ++done;
        if (i % 100 == 37) throw std::runtime_error(std::to_string(i));
      });
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "37");
    }
    EXPECT_EQ(done, 500);
    workers.run(3, [&](size_t) { ++done; });  // still usable
    EXPECT_EQ(done, 503);
  }
}

TEST(Workers, BlocksDependOnSizeAlone) {
  using Blocks = std::vector<std::pair<size_t, size_t>>;
  const auto blocks = [](int threads, size_t n, size_t block) {
    Blocks found((n + block - 1) / block);
    Workers(threads).run_blocks(n, block, [&](size_t begin, size_t end) {
      found[begin / block] = {begin, end};
    });
    return found;
  };
  EXPECT_EQ(blocks(1, 10, 4), (Blocks{{0, 4}, {4, 8}, {8, 10}}));
  EXPECT_EQ(blocks(3, 10, 4), blocks(1, 10, 4));
  EXPECT_EQ(blocks(2, 0, 4), Blocks{});
}

TEST(Bytes, ReadsBackWhatWasWritten) {
  ByteWriter out;
  out.u8(200);
  out.u32(0x01020304);
  out.u64(0x0102030405060708ULL);
  out.i64(-5);
  out.f64(-0.1);
  out.text("Тип");
  out.f64s(std::vector<double>{1.5, std::numeric_limits<double>::infinity()});
  out.i32s(std::vector<int32_t>{-1, 7});
  EXPECT_EQ(out.bytes().substr(1, 4), std::string("\x04\x03\x02\x01"));  // little-endian
  ByteReader in(out.bytes(), "m");
  EXPECT_EQ(in.u8(), 200);
  EXPECT_EQ(in.u32(), 0x01020304U);
  EXPECT_EQ(in.u64(), 0x0102030405060708ULL);
  EXPECT_EQ(in.i64(), -5);
  EXPECT_EQ(in.f64(), -0.1);
  EXPECT_EQ(in.text(), "Тип");
  EXPECT_EQ(in.f64s(), (std::vector<double>{1.5, std::numeric_limits<double>::infinity()}));
  EXPECT_EQ(in.i32s(), (std::vector<int32_t>{-1, 7}));
  EXPECT_EQ(in.left(), 0U);
}

TEST(Bytes, ShortOrImpossibleInputIsAnErrorNotACrash) {
  ByteWriter out;
  out.f64s(std::vector<double>{1, 2, 3});
  for (size_t n = 0; n < out.bytes().size(); ++n) {
    ByteReader in(std::string_view(out.bytes()).substr(0, n), "model.perennial");
    try {
      in.f64s();
      FAIL() << n;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_EQ(error.where(), "model.perennial");
    }
  }
  ByteWriter huge;
  huge.u64(UINT64_MAX);
  EXPECT_THROW(ByteReader(huge.bytes(), "m").text(), Error);
  EXPECT_THROW(ByteReader(huge.bytes(), "m").f64s(), Error);
  EXPECT_THROW(ByteReader(huge.bytes(), "m").i32s(), Error);
  EXPECT_THROW(ByteReader("", "m").u8(), Error);
}

TEST(JsonText, KeepsOrderAndSurvivesOddValues) {
  Json json;
  json["z"] = 0.1;
  json["a"] = std::nan("");
  json["t"] = "\xFF";
  json["i"] = 3;
  EXPECT_EQ(json_text(json),
            "{\n  \"z\": 0.1,\n  \"a\": null,\n  \"t\": \"\uFFFD\",\n  \"i\": 3\n}\n");
}

}  // namespace
}  // namespace perennial
