// SPDX-License-Identifier: GPL-2.0
/*
 * Which instance a network namespace has: at most one.
 *
 * pernet->lock is held while one is started, so that there are never two, and
 * shortly to find one or to take it away; not while it stops. Kernel sockets do
 * not keep a namespace alive: when it goes, its instance is stopped before the
 * namespace's devices and protocols are.
 */
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "ctl/ctl.h"
#include "net.h"

struct darter_pernet {
	struct mutex lock;		/* protects server */
	struct darter_server *server;	/* with a reference; NULL: none */
};

static unsigned int pernet_id;

static struct darter_pernet *pernet_of(struct net *net)
{
	return net_generic(net, pernet_id);
}

static struct darter_instance *backend_get(struct net *net)
{
	struct darter_pernet *pernet = pernet_of(net);
	struct darter_server *server;

	mutex_lock(&pernet->lock);
	server = pernet->server;
	if (server)
		refcount_inc(&server->refs);
	mutex_unlock(&pernet->lock);
	return server ? &server->instance : NULL;
}

static void backend_put(struct darter_instance *instance)
{
	struct darter_server *server = instance->owner;

	if (refcount_dec_and_test(&server->refs))
		complete(&server->idle);
}

/**
 * darter_namespace_start() - start the instance of a namespace
 * @net: the namespace
 * @start: what is fixed for its life
 * @pairs: parameters to begin with
 * @npairs: how many
 * @why: set to what is wrong when that fails, if there is more to say
 * @why_len: room there
 *
 * Context: sleeps.
 * Return: 0, -EEXIST if it has one, another negative errno.
 */
int darter_namespace_start(struct net *net, const struct darter_start *start,
			   const struct darter_config_pair *pairs, u32 npairs,
			   char *why, size_t why_len)
{
	struct darter_pernet *pernet = pernet_of(net);
	struct darter_server *server;
	int err = 0;

	mutex_lock(&pernet->lock);
	if (pernet->server) {
		err = -EEXIST;
		goto out;
	}
	server = darter_server_start(net, start, pairs, npairs, why, why_len);
	if (IS_ERR(server))
		err = PTR_ERR(server);
	else
		pernet->server = server;
out:
	mutex_unlock(&pernet->lock);
	return err;
}

static int backend_start(struct net *net, const struct darter_start *start, char *why,
			 size_t why_len)
{
	return darter_namespace_start(net, start, NULL, 0, why, why_len);
}

static int backend_stop(struct net *net)
{
	struct darter_pernet *pernet = pernet_of(net);
	struct darter_server *server;

	mutex_lock(&pernet->lock);
	server = pernet->server;
	pernet->server = NULL;
	mutex_unlock(&pernet->lock);
	if (!server)
		return -ENOENT;
	darter_server_stop(server);
	return 0;
}

static const struct darter_ctl_backend backend = {
	.get = backend_get,
	.put = backend_put,
	.start = backend_start,
	.stop = backend_stop,
};

static int __net_init namespace_init(struct net *net)
{
	mutex_init(&pernet_of(net)->lock);
	return 0;
}

static void __net_exit namespace_pre_exit(struct net *net)
{
	backend_stop(net);
}

static struct pernet_operations namespace_ops = {
	.init = namespace_init,
	.pre_exit = namespace_pre_exit,
	.id = &pernet_id,
	.size = sizeof(struct darter_pernet),
};

/**
 * darter_namespaces_init() - be ready for instances
 *
 * Context: sleeps.
 * Return: 0 or a negative errno.
 */
int darter_namespaces_init(void)
{
	int err;

	err = register_pernet_subsys(&namespace_ops);
	if (err)
		return err;
	err = darter_ctl_init(&backend);
	if (err)
		unregister_pernet_subsys(&namespace_ops);
	return err;
}

/**
 * darter_namespaces_exit() - stop all instances
 *
 * Context: sleeps until no callback of a socket of theirs runs.
 */
void darter_namespaces_exit(void)
{
	darter_ctl_exit();
	unregister_pernet_subsys(&namespace_ops);
	/* A callback may have been about to begin when it was taken out of its socket. */
	synchronize_net();
}
