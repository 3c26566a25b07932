"""A folder is a problem; a file in it is a contender."""

_ON = {
    "futex": [],
    "openmp": ["//benchmarks/harness:on_openmp"],
    "ours": [
        "//benchmarks/harness:on_tally",
        "//scheduler",
    ],
    "serial": [],
    "tbb": [
        "//benchmarks/harness:on_tbb",
        "//third_party:tbb",
    ],
}

# Where a loop begins in its cache line is a matter of what was compiled before it, and was worth a
# fifth of a short loop's time.
_OPTIMISED = ["-O3", "-falign-loops=64"]

def problem(name, contenders, hdrs = [], shared = [], deps = []):
    """`<name>.h`, with the problem, and `<contender>.cc` for each; all with the same options.

    Args:
      name: the folder's name.
      contenders: which files there are: ours, serial, tbb, openmp, futex.
      hdrs: more headers of the folder.
      shared: sources that all contenders call.
      deps: what they need besides the harness and their scheduler.
    """
    deps = deps + ["//benchmarks/harness:problem", "//benchmarks/harness:stopwatch"]
    native.cc_library(
        name = "shared",
        srcs = shared,
        hdrs = [name + ".h"] + hdrs,
        copts = _OPTIMISED,
        deps = deps,
    )
    for contender in contenders:
        openmp = ["-fopenmp"] if contender == "openmp" else []

        # clang compares what it makes of a taskloop with the wrong sign, and warns of it.
        quiet = ["-Wno-sign-compare"] if contender == "openmp" else []
        native.cc_library(
            name = contender,
            srcs = [contender + ".cc"],
            copts = _OPTIMISED + openmp + quiet,
            linkopts = openmp,
            deps = {dep: None for dep in [":shared"] + deps + _ON[contender]}.keys(),
        )
    native.cc_library(
        name = name,
        hdrs = [name + ".h"] + hdrs,
        visibility = ["//benchmarks:__subpackages__"],
        deps = [":shared"] + [":" + contender for contender in contenders] + deps,
    )
