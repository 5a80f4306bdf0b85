#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace overproof {

/// The whole file as bytes. Throws InputError naming the path when it is missing or unreadable.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Like read_file; a gzip file (recognised by its first two bytes) is inflated.
[[nodiscard]] std::string read_file_or_gzip(const std::filesystem::path& path);

/// Writes to a temporary name in the same folder, syncs, and renames, so that a reader never sees half a
/// file. Creates the folder. Throws InputError naming the path when that fails.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Keeps a folder, which is created, to one process as long as the object lives, and removes what a killed
/// write_file left in it and in its folders. Throws InputError when another process has it; does nothing on a
/// file system without locks.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

/// SHA-256 in lower-case hexadecimal.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string sha256(std::span<const double> values);

}  // namespace overproof
