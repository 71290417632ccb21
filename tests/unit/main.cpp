// Catch2 3 brings its own main (Catch2WithMain); version 2 makes one here.
#define CATCH_CONFIG_MAIN
#include "support/catch.h"
