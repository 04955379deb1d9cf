#include "table/npz.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "table/zip.h"

namespace perennial {
namespace {

std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return out;
}

std::string npy(const std::string& header, const std::string& data) {
  std::string out = "\x93NUMPY";
  out += {'\x01', '\x00', static_cast<char>(header.size()), '\x00'};
  return out + header + data;
}

std::string header(const std::string& type, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': (" + shape + "), }\n";
}

NpzArray only(const std::string& npy_bytes) {
  return read_npz("a.npz", zip_bytes({{"x.npy", npy_bytes}}, "a.npz")).at(0);
}

std::string problem(const std::string& bytes) {
  try {
    read_npz("a.npz", bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    return error.what();
  }
  return "accepted";
}

std::vector<NpzArray> some() {
  return {NpzArray::of_reals("inputs", {2, 3}, {1, 2.5, -3, 0.1, NAN, 1e300}, false),
          NpzArray::of_ints("targets", {1, -1}),
          NpzArray::of_texts("ids", {"7", "Ольга ☺🙂"}),
          NpzArray::of_reals("empty", {0, 3}, {}, true)};
}

TEST(Npz, ComesBackAsItWas) {
  const std::string bytes = npz_bytes(some(), "a.npz");
  EXPECT_EQ(npz_bytes(some(), "b.npz"), bytes);
  const auto back = read_npz("a.npz", bytes);
  ASSERT_EQ(back.size(), 4u);
  for (size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ(back[i].name, some()[i].name);
    EXPECT_EQ(back[i].shape, some()[i].shape);
    EXPECT_EQ(back[i].ints, some()[i].ints);
    EXPECT_EQ(back[i].texts, some()[i].texts);
    ASSERT_EQ(back[i].reals.size(), some()[i].reals.size());
    for (size_t k = 0; k < back[i].reals.size(); ++k) {
      const double v = some()[i].reals[k];
      EXPECT_TRUE(back[i].reals[k] == v || (std::isnan(v) && std::isnan(back[i].reals[k])));
    }
  }
}

// The layout of NumPy Enhancement Proposal 1, written out by hand.
TEST(Npz, WritesTheFormatOfNumPy) {
  const std::string bytes = npz_bytes({NpzArray::of_reals("x", {2, 1}, {1, -2}, true)}, "a.npz");
  const auto files = unzip("a.npz", bytes);
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].name, "x.npy");
  std::string expected = "\x93NUMPY";
  expected += {'\x01', '\x00', '\x76', '\x00'};
  expected += "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }";
  expected.resize(127, ' ');
  expected += "\n";
  expected += from_hex("0000803f000000c0");
  EXPECT_EQ(files[0].bytes, expected);
}

TEST(Npz, ReadsTheTypesOfNumPy) {
  EXPECT_EQ(only(npy(header("<i2", "2,"), from_hex("ffff0200"))).ints,
            (std::vector<int64_t>{-1, 2}));
  EXPECT_EQ(only(npy(header("|u1", "2,"), from_hex("ff02"))).ints, (std::vector<int64_t>{255, 2}));
  EXPECT_EQ(only(npy(header("|b1", "2,"), from_hex("0100"))).ints, (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(only(npy(header("<f4", ""), from_hex("0000c03f"))).reals, std::vector<double>{1.5});
  EXPECT_EQ(only(npy(header("|S3", "2,"), from_hex("616200636465"))).texts,
            (std::vector<std::string>{"ab", "cde"}));
  EXPECT_EQ(only(npy(header("<U1", "1,"), from_hex("16040000"))).texts,
            std::vector<std::string>{"Ж"});
  // [[1, 2, 3], [4, 5, 6]], column after column.
  EXPECT_EQ(only(npy(header("|i1", "2, 3", true), from_hex("010402050306"))).ints,
            (std::vector<int64_t>{1, 2, 3, 4, 5, 6}));
}

// numpy.savez_compressed(f, a=numpy.arange(6, dtype='i2')), NumPy 1.24.2.
TEST(Npz, ReadsWhatNumPyHasPacked) {
  const auto back = read_npz(
      "packed.npz",
      from_hex("504b030414000000080000002100d6d515f9500000008c00000005001400612e6e7079010010008c"
               "0000000000000050000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a4"
               "aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a663a9a3a0ab50a14"
               "002e06064606260666061606560600504b0102140314000000080000002100d6d515f9500000008c"
               "000000050000000000000000000000800100000000612e6e7079504b050600000000010001003300"
               "0000870000000000"));
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].name, "a");
  EXPECT_EQ(back[0].ints, (std::vector<int64_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Npz, SaysWhatIsWrong) {
  const auto wrong = [](const std::string& header_text, const std::string& data) {
    return problem(zip_bytes({{"x.npy", npy(header_text, data)}}, "a.npz"));
  };
  EXPECT_NE(wrong(header("|O", "1,"), "").find("\"x\""), std::string::npos);
  EXPECT_NE(wrong(header(">f8", "1,"), "12345678").find("\">f8\""), std::string::npos);
  EXPECT_NE(wrong(header("<f8", "2,"), "12345678").find("as many elements"), std::string::npos);
  EXPECT_NE(wrong(header("<f8", "99999999999999999999999,"), "").find("shape"), std::string::npos);
  EXPECT_NE(problem("id,a\n1,2\n").find("no .npz file"), std::string::npos);
  EXPECT_NE(problem("").find("no .npz file"), std::string::npos);
}

TEST(Npz, DamagedFilesAreErrors) {
  const std::string bytes = npz_bytes(some(), "a.npz");
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_NE(problem(bytes.substr(0, length)), "accepted") << length;
  }
  size_t refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      try {
        read_npz("a.npz", damaged);  // an error or an answer, never a crash
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, bytes.size());
}

}  // namespace
}  // namespace perennial
