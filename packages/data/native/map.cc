#include "map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace jpeg {

bool Map::holds(const struct stat& file) const {
  // A file that has grown is mapped anew, one that was cut is not: what is left of it lies where it lay.
  return data != nullptr && device_ == file.st_dev && inode_ == file.st_ino &&
         static_cast<uint64_t>(file.st_size) <= size_;
}

bool Map::open(const char* path, const struct stat& file) {
  release();
  const int descriptor = ::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return false;
  // The path may lead to another file by now, or this one may have grown.
  struct stat now;
  const bool same = fstat(descriptor, &now) == 0 && now.st_dev == file.st_dev && now.st_ino == file.st_ino &&
                    now.st_size == file.st_size;
  void* start = same ? mmap(nullptr, file.st_size, PROT_READ, MAP_SHARED, descriptor, 0) : MAP_FAILED;
  close(descriptor);
  if (start == MAP_FAILED) return false;
  data = static_cast<const uint8_t*>(start);
  size_ = file.st_size;
  device_ = file.st_dev;
  inode_ = file.st_ino;
  // Records are read in no order: without this the system reads far around each.
  madvise(start, size_, MADV_RANDOM);
  return true;
}

void Map::release() {
  if (data != nullptr) munmap(const_cast<uint8_t*>(data), size_);
  data = nullptr;
}

const uint8_t* Maps::at(const char* path, int64_t offset, size_t length) {
  struct stat file;
  if (offset < 0 || stat(path, &file) != 0 || !S_ISREG(file.st_mode)) return nullptr;
  const uint64_t size = file.st_size;
  if (static_cast<uint64_t>(offset) > size || length > size - offset || size > SIZE_MAX) return nullptr;
  auto map = std::find_if(maps_.begin(), maps_.end(), [&](const Map& one) { return one.holds(file); });
  if (map == maps_.end()) {
    map = std::min_element(maps_.begin(), maps_.end(), [](const Map& a, const Map& b) { return a.used < b.used; });
    if (!map->open(path, file)) return nullptr;
  }
  map->used = ++calls_;
  const uint8_t* bytes = map->data + offset;
  // Of what is not in memory all pages of the record in one read, not a fault for each.
  static const size_t page = sysconf(_SC_PAGESIZE);
  const size_t before = offset % page;
  madvise(const_cast<uint8_t*>(bytes) - before, before + length, MADV_WILLNEED);
  return bytes;
}

}  // namespace jpeg
