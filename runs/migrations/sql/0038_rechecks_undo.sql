DROP TRIGGER refuse_change ON runs_content_damage; DROP TRIGGER refuse_truncate ON runs_content_damage;
