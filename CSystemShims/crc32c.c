#include "csys_crc32c.h"
