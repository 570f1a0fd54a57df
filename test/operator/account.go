package operator

import (
	"os"
	"path/filepath"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/respin-dev/respin/test/cluster"
)

// kubeconfig writes a kubeconfig for a server with the rights of the deployed operator's ServiceAccount, and no others.
func kubeconfig(t testing.TB, server string, authority []byte) string {
	t.Helper()
	config := api.NewConfig()
	config.Clusters["it"] = &api.Cluster{Server: server, CertificateAuthorityData: authority}
	config.AuthInfos["it"] = &api.AuthInfo{Token: token(t)}
	config.Contexts["it"] = &api.Context{Cluster: "it", AuthInfo: "it"}
	config.CurrentContext = "it"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func token(t testing.TB) string {
	t.Helper()
	accounts := cluster.Connect(t).Kubernetes.CoreV1().ServiceAccounts(cluster.OperatorNamespace)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: new(int64(3600))}}
	answer, err := accounts.CreateToken(t.Context(), ServiceAccount, request, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("asking for a token of the operator's ServiceAccount: %v", err)
	}
	return answer.Status.Token
}
