"""A folder is a problem; a file in it is a contender."""

_ON = {
    "futex": ["//benchmarks/harness:stopwatch"],
    "openmp": ["//benchmarks/harness:on_openmp"],
    "ours": [
        "//benchmarks/harness:on_tally",
        "//scheduler",
    ],
    "serial": ["//benchmarks/harness:stopwatch"],
    "tbb": [
        "//benchmarks/harness:on_tbb",
        "//third_party:tbb",
    ],
}

def problem(name, contenders, hdrs = [], deps = []):
    """`<name>.h`, with the problem, and `<contender>.cc` for each; all with the same options.

    Args:
      name: the folder's name.
      contenders: which files there are: ours, serial, tbb, openmp, futex.
      hdrs: more headers of the folder.
      deps: what they need besides the harness and their scheduler.
    """
    headers = [name + ".h"] + hdrs
    deps = deps + ["//benchmarks/harness:problem", "//benchmarks/harness:stopwatch"]
    for contender in contenders:
        openmp = ["-fopenmp"] if contender == "openmp" else []
        native.cc_library(
            name = contender,
            srcs = [contender + ".cc"] + headers,
            copts = ["-O3"] + openmp,
            linkopts = openmp,
            deps = {dep: None for dep in deps + _ON[contender]}.keys(),
        )
    native.cc_library(
        name = name,
        hdrs = headers,
        visibility = ["//benchmarks:__subpackages__"],
        deps = [":" + contender for contender in contenders] + deps,
    )
