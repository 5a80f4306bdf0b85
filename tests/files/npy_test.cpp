#include "files/npy.h"

#include <cstring>

#include "tests/catch.h"

using namespace overproof;

namespace {

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string text = header;
  while ((text.size() + (version == 1 ? 11 : 13)) % 64 != 0) text += ' ';
  text += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += version, bytes += '\0';
  for (std::size_t size = text.size(), k = 0; k < (version == 1 ? 2U : 4U); ++k, size /= 256)
    bytes += static_cast<char>(size % 256);
  return bytes + text + data;
}

template <class T>
std::string bytes_of(std::initializer_list<T> values) {
  std::string bytes;
  for (const T value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  return bytes;
}

std::string message(const std::string& bytes) {
  try {
    (void)parse_npy(bytes, "a.npy");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("NumPy arrays are read exactly, whatever the type, the order and the version") {
  const std::string shape = "'shape': (2, 3), }";
  const Tensor expected{{2, 3}, {1, 2, 3, 4, 5, 6}};
  const std::string rows = "'fortran_order': False, ", columns = "'fortran_order': True, ";
  CHECK(parse_npy(npy("{'descr': '<f8', " + rows + shape, bytes_of<double>({1, 2, 3, 4, 5, 6})), "a") ==
        expected);
  CHECK(parse_npy(npy("{'descr': '<f4', " + rows + shape, bytes_of<float>({1, 2, 3, 4, 5, 6}), 2), "a") ==
        expected);
  CHECK(parse_npy(npy("{'descr': '<i4', " + rows + shape, bytes_of<std::int32_t>({1, 2, 3, 4, 5, 6}), 3),
                  "a") == expected);
  CHECK(parse_npy(npy("{'descr': '<i8', " + columns + shape, bytes_of<std::int64_t>({1, 4, 2, 5, 3, 6})),
                  "a") == expected);
  CHECK(parse_npy(
            npy("{'fortran_order': True , 'descr': '<f8' , " + shape, bytes_of<double>({1, 4, 2, 5, 3, 6})),
            "a") == expected);
}

TEST_CASE("headers that NumPy refuses are refused") {
  const auto refused = [](const std::string& order, const std::string& shape) {
    return !message(npy("{'descr': '<f8', 'fortran_order': " + order + ", 'shape': " + shape + ", }",
                        bytes_of<double>({1, 2, 3, 4})))
                .empty();
  };
  CHECK_FALSE(refused("False", "(2, 2)"));
  for (const char* order : {"true", "7", "Truely", ""}) CHECK(refused(order, "(2, 2)"));
  for (const char* shape : {"(-2, -2)", "(-2, 2)", "(2.0, 2)", "[2, 2]", "4"}) CHECK(refused("False", shape));
  CHECK(refused("True", "(2, 1, 2)"));
}

TEST_CASE("damaged NumPy files are refused") {
  const std::string head = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }";
  const std::string good = npy(head, bytes_of<double>({1, 2}));
  CHECK(message(good).empty());
  for (std::size_t size = 0; size < good.size(); ++size) {
    INFO(size << " bytes of " << good.size());
    CHECK_FALSE(message(good.substr(0, size)).empty());
  }
  CHECK(message(good + "x") == "a.npy: has 17 bytes of data, its shape asks for 16");
  CHECK(message(npy("{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }", "12345678"))
            .find("dtype '>f8'") != std::string::npos);
  CHECK(message(npy("{'fortran_order': False, 'shape': (1,), }", "12345678")).find("'descr'") !=
        std::string::npos);
  CHECK_FALSE(
      message(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", ""))
          .empty());
  CHECK_FALSE(message(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", ""))
                  .empty());
  CHECK(message(npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }",
                    bytes_of<std::int64_t>({(std::int64_t{1} << 53) + 1})))
            .find("9007199254740993") != std::string::npos);
}
