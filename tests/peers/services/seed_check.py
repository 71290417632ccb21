"""A check of access tokens as many small FastAPI services have it."""
from jose import JWTError, jwt

ALGORITHM = "HS256"


def verify_access_token(token, secret_key, credentials_exception):
    try:
        payload = jwt.decode(token, secret_key, algorithms=[ALGORITHM])
        user = payload.get("id")
        if user is None:
            raise credentials_exception
    except JWTError as problem:
        raise credentials_exception from problem
    return user
