// Records of large files, mapped into memory: read without a copy and without opening the file each time.
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace jpeg {

// One file, mapped as a whole.
class Map {
 public:
  Map() = default;
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;
  ~Map() { release(); }

  bool holds(const struct stat& file) const;
  bool open(const char* path, const struct stat& file);
  void release();

  const uint8_t* data = nullptr;
  uint64_t used = 0;

 private:
  size_t size_ = 0;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// Some files at once, those used last; for one thread.
class Maps {
 public:
  // The bytes from `offset` on, valid until the next call, or null where they cannot be mapped or the file does not
  // reach as far. The length of the file is asked for at each call, so that one that was cut since it was mapped
  // gives null. What remains: a file that is cut while its bytes are being read ends the process (SIGBUS).
  const uint8_t* at(const char* path, int64_t offset, size_t length);

 private:
  std::array<Map, 8> maps_;
  uint64_t calls_ = 0;
};

}  // namespace jpeg
