# cce_rec in a container.
#   docker build -t cce_rec .                                                     for processors
#   docker build -t cce_rec:cuda --build-arg BASE=nvidia/cuda:12.6.3-devel-ubuntu24.04 \
#     --build-arg RUN_BASE=nvidia/cuda:12.6.3-runtime-ubuntu24.04 .               with CUDA, where the sources have it
#   docker run --rm -v "$PWD:/work" cce_rec train --model gru4rec --loss cce --data demo
#   docker run --rm --gpus all -v "$PWD:/work" cce_rec:cuda devices
ARG BASE=debian:12-slim
ARG RUN_BASE=debian:12-slim

FROM ${BASE} AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    g++ cmake ninja-build file dpkg-dev libeigen3-dev libfmt-dev libcli11-dev nlohmann-json3-dev doctest-dev \
    libcurl4-openssl-dev libssl-dev ca-certificates zlib1g-dev && rm -rf /var/lib/apt/lists/*
COPY . /source
RUN cmake -S /source -B /build -G Ninja -D CMAKE_BUILD_TYPE=Release -D CCE_TESTS=OFF && cmake --build /build && \
    cd /build && cpack -G DEB -D CPACK_COMPONENTS_ALL=program -B /packages

FROM ${RUN_BASE}
COPY --from=build /packages/*.deb /tmp/
RUN apt-get update && apt-get install -y --no-install-recommends /tmp/*.deb ca-certificates && \
    rm -rf /var/lib/apt/lists/* /tmp/*.deb
WORKDIR /work
ENTRYPOINT ["cce_rec"]
