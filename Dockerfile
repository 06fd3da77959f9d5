# The image of Parvis: one binary, for the process that serves and for the worker.
# `make image` builds it, from a clone with its .git, which the version comes from.

FROM golang:1.26.8-trixie AS build
WORKDIR /src
COPY . .
# g++ links the SQL engine; glibc and libstdc++ stay shared, so the last stage must
# be of the same Debian as this one.
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=1 GOTOOLCHAIN=local \
    go build -buildvcs=true -trimpath -ldflags="-s -w" -o /out/bin/parvis ./cmd/parvis
# A new volume takes owner and mode from the folder that it is mounted on.
RUN --mount=type=cache,target=/go/pkg/mod scripts/licences /out/licences
RUN install -d -m 0755 /out/lib/store /out/lib/hub && install -d -m 0700 /out/lib/work /out/lib/search

# Distroless: glibc, libstdc++, the certificates of authorities, and neither a shell
# nor a package manager for somebody who gets in.
FROM gcr.io/distroless/cc-debian13:nonroot
ARG VERSION=devel
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Parvis" \
      org.opencontainers.image.description="Publishes open data on professional training in France" \
      org.opencontainers.image.source="https://github.com/parvis-opendata/parvis" \
      org.opencontainers.image.licenses="EUPL-1.2" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /out/bin/parvis /usr/local/bin/parvis
COPY --from=build --chown=65532:65532 /out/lib/ /var/lib/parvis/
COPY --from=build /out/licences/ /usr/share/doc/parvis/licences/
ENV PARVIS_STORE=/var/lib/parvis/store \
    PARVIS_WORKDIR=/var/lib/parvis/work \
    PARVIS_LISTEN=0.0.0.0:8080
USER 65532:65532
# Fails the build if the libraries of this stage do not fit.
RUN ["/usr/local/bin/parvis", "version"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/usr/local/bin/parvis", "health"]
ENTRYPOINT ["/usr/local/bin/parvis"]
CMD ["serve"]
