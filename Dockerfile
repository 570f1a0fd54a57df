# The operator's image: a static binary and the certificate authorities, and nothing else. The context is a folder with
# these two files, made by hack/deploy/image.sh. No base has to be pulled.
FROM scratch
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY respin-operator /respin-operator
USER 65532:65532
ENTRYPOINT ["/respin-operator"]
