package expr

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
)

// Hash functions (SPARQL 1.1, 17.4.6), of the UTF-8 of a string, in small hexadecimal digits.

func md5Hash(env *Env, args []Value) Value {
	return hash(env, args[0], func(b []byte) []byte { s := md5.Sum(b); return s[:] })
}

func sha1Hash(env *Env, args []Value) Value {
	return hash(env, args[0], func(b []byte) []byte { s := sha1.Sum(b); return s[:] })
}

func sha256Hash(env *Env, args []Value) Value {
	return hash(env, args[0], func(b []byte) []byte { s := sha256.Sum256(b); return s[:] })
}

func sha384Hash(env *Env, args []Value) Value {
	return hash(env, args[0], func(b []byte) []byte { s := sha512.Sum384(b); return s[:] })
}

func sha512Hash(env *Env, args []Value) Value {
	return hash(env, args[0], func(b []byte) []byte { s := sha512.Sum512(b); return s[:] })
}

func hash(env *Env, v Value, sum func([]byte) []byte) Value {
	if !v.simple() {
		return Fail(TypeError)
	}
	if !env.spend(int64(len(v.text))) {
		return Fail(Stopped)
	}
	return String(hex.EncodeToString(sum([]byte(v.text))))
}
