#include "files/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>

#include "files/error.h"

namespace overproof {

std::string read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw InputError(fmt::format("{}: is a folder, expected a file", path.string()));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) throw InputError(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  std::string bytes;
  in.seekg(0, std::ios::end);
  if (const auto size = in.tellg(); size > 0) bytes.resize(static_cast<std::size_t>(size));
  in.seekg(0);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) throw InputError(fmt::format("{}: cannot be read to its end", path.string()));
  return bytes;
}

std::string read_file_or_gzip(const std::filesystem::path& path) {
  std::string bytes = read_file(path);
  if (bytes.size() < 2 || bytes[0] != '\x1f' || bytes[1] != '\x8b') return bytes;
  if (bytes.size() > std::numeric_limits<uInt>::max()) {
    throw InputError(fmt::format("{}: gzip data above 4 GiB is not read", path.string()));
  }
  z_stream stream{};
  constexpr int gzip_window = 15 + 16;
  if (inflateInit2(&stream, gzip_window) != Z_OK) throw std::runtime_error("zlib: inflateInit2 failed");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string inflated;
  std::array<char, 1 << 16> chunk;
  constexpr std::size_t most_bytes = std::size_t{1} << 32;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = chunk.size();
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) {
      throw InputError(fmt::format("{}: the gzip data is truncated or damaged", path.string()));
    }
    inflated.append(chunk.data(), chunk.size() - stream.avail_out);
    if (inflated.size() > most_bytes)
      throw InputError(fmt::format("{}: inflates to more than 4 GiB, which is not read", path.string()));
    // A gzip file may have several members, one after the other.
    if (state == Z_STREAM_END && stream.avail_in > 0) state = inflateReset(&stream);
  }
  return inflated;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  const auto fail = [&](const std::string& temporary, int file = -1) {
    const std::string reason = std::strerror(errno);
    if (file >= 0) ::close(file);
    if (!temporary.empty()) ::unlink(temporary.c_str());
    throw InputError(fmt::format("{}: cannot be written: {}", path.string(), reason));
  };
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error)
    throw InputError(fmt::format("{}: cannot be created: {}", path.parent_path().string(), error.message()));
  // Another thread, or a process of the same number on another machine, may write this file too.
  std::string temporary;
  int file = -1;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    temporary = fmt::format("{}.{}.{}.tmp", path.string(), ::getpid(), attempt);
    file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file >= 0 || errno != EEXIST) break;
  }
  if (file < 0) fail("");
  for (std::string_view rest = bytes; !rest.empty();) {
    const ssize_t written = ::write(file, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(temporary, file);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file) != 0) fail(temporary, file);
  if (::close(file) != 0) fail(temporary);
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail(temporary);
}

FolderLock::FolderLock(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw InputError(fmt::format("{}: cannot be created: {}", folder.string(), error.message()));
  file_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file_ < 0)
    throw InputError(fmt::format("{}: cannot be opened: {}", folder.string(), std::strerror(errno)));
  // A file system without locks keeps no one out.
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(file_);
    throw InputError(fmt::format("{}: another overproof is writing there", folder.string()));
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (entry.path().extension() == ".tmp") std::filesystem::remove(entry.path(), error);
  }
}

FolderLock::~FolderLock() { ::close(file_); }

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL: SHA-256 is not available");
  }
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string sha256(std::span<const double> values) {
  return sha256(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
}

}  // namespace overproof
